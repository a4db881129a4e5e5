"""One document into Milvus both ways, one step after another and side by side, and what that says."""
