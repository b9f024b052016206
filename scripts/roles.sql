-- The two roles of one database, for a superuser, safe to run again.
--   vs_owner  owns the tables and runs migrations
--   vs_app    the service itself: owns no table, cannot change one, cannot switch a trigger off
-- Run it in the database itself; in template1 too where vs_owner makes databases for tests.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vs_app') THEN
        CREATE ROLE vs_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vs_owner') THEN
        CREATE ROLE vs_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS;
    END IF;
    -- so that tests, which make their tables as the owner, can go on as the service
    GRANT vs_app TO vs_owner;
END
$$;

ALTER DEFAULT PRIVILEGES FOR ROLE vs_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO vs_app;
ALTER DEFAULT PRIVILEGES FOR ROLE vs_owner GRANT USAGE, SELECT ON SEQUENCES TO vs_app;

DO $$
DECLARE
    extension text;
BEGIN
    FOREACH extension IN ARRAY ARRAY['btree_gist', 'pg_trgm', 'unaccent'] LOOP
        IF EXISTS (SELECT FROM pg_available_extensions WHERE name = extension) THEN
            EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I', extension);
        END IF;
    END LOOP;
END
$$;
