"""The measurements that the README quotes: ratios to a peer or a limit, taken in one run."""
