"""The embedded stack: real MongoDB, real Kafka and all services, without Docker or an account."""
