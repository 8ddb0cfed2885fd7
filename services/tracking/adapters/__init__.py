"""MongoDB, the code tables and the contract, behind the ports of tracking."""
