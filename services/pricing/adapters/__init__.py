"""MongoDB and the contract, behind the ports of pricing."""
