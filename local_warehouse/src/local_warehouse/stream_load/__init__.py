"""Stream Load: headers, conversion, labels and the transaction that writes the rows."""
