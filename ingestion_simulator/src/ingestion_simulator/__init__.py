"""A seeded retailer whose operational systems write into StarRocks by Stream Load."""
