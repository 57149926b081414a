-- What version 3 added to version 2.

-- The time of the first of the snapshots without a break in which the item failed.
ALTER TABLE failure ADD COLUMN since INTEGER;
