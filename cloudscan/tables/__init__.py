"""The object table: on disk, under SQL on some engine, and from the inventories that clouds write."""
