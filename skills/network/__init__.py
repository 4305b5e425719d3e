"""The one way to reach the network from a step: checked addresses, no proxies, bounded answers."""
