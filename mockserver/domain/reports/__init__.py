"""Reports of what happened, ex-ante costs, treasury files: nothing depends on them."""
