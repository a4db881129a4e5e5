"""What a run leaves behind: its parts, how they are written and read, the folder that keeps them."""
