-- by hand
-- Few are missed at any time, and every look for changes asks for them.
CREATE INDEX google_people_missed ON google_people ("ownerId", "resourceName") WHERE missed;
