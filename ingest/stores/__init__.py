"""Places to keep observations. Only the composition root names one of them."""
