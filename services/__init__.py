"""The services. Each owns one database, publishes its topics, and never calls another."""
