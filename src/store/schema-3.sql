-- Version 3: what was found in products' own databases.

-- How many of a finding's items the product was told to keep from its own clean-up; NULL where nothing says so.
ALTER TABLE finding ADD COLUMN kept_by_product INTEGER;
