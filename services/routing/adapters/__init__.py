"""MongoDB, the solver and the contract, behind the ports of routing."""
