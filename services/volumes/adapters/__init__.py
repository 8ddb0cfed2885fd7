"""MongoDB and the wire, behind the ports of volumes."""
