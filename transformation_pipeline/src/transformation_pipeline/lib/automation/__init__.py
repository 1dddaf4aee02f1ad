"""When the pipeline builds an asset by itself."""
