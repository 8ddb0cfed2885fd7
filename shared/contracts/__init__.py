"""The contract is the product: a file per topic, its models, and the codec of the wire."""
