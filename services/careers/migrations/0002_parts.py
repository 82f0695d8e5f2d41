"""Everything known of an occupation, its page, and what loading all that needs."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CAREERS = """
    ALTER TABLE careers
        ADD short_title_en text,
        ADD part_hashes jsonb NOT NULL DEFAULT '{}';
    ALTER TABLE careers ALTER part_hashes DROP DEFAULT;
    CREATE INDEX ix_careers_words ON careers USING gin (to_tsvector('simple', title_folded))
"""

_TABLES = """
    CREATE TABLE etl_raw (
        onet_code text NOT NULL,
        source text NOT NULL,
        section text NOT NULL,
        format text NOT NULL,
        release text NOT NULL,
        body bytea NOT NULL,
        content_hash bytea NOT NULL,
        fetched_at timestamptz NOT NULL,
        CONSTRAINT pk_etl_raw PRIMARY KEY (onet_code, source, section)
    );
    CREATE TABLE etl_runs (
        id uuid NOT NULL,
        mode text NOT NULL,
        path text,
        codes text[],
        state text NOT NULL,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        report jsonb,
        error text,
        CONSTRAINT pk_etl_runs PRIMARY KEY (id),
        CONSTRAINT ck_etl_runs_state CHECK (state IN ('running', 'done', 'failed', 'interrupted'))
    );
    CREATE TABLE career_dwas (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        dwa_id text NOT NULL,
        title text NOT NULL,
        CONSTRAINT pk_career_dwas PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_dwas_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_education_pct (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        level text NOT NULL,
        percentage smallint,
        category smallint,
        CONSTRAINT pk_career_education_pct PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_education_pct_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_interests (
        onet_code text NOT NULL,
        top text NOT NULL,
        code text NOT NULL,
        r smallint NOT NULL,
        i smallint NOT NULL,
        a smallint NOT NULL,
        s smallint NOT NULL,
        e smallint NOT NULL,
        c smallint NOT NULL,
        r_score smallint,
        i_score smallint,
        a_score smallint,
        s_score smallint,
        e_score smallint,
        c_score smallint,
        CONSTRAINT pk_career_interests PRIMARY KEY (onet_code),
        CONSTRAINT fk_career_interests_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_ksas (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        ksa_type text NOT NULL,
        element_id text NOT NULL,
        name text NOT NULL,
        rating smallint,
        level double precision,
        CONSTRAINT pk_career_ksas PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_ksas_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_outlook (
        onet_code text NOT NULL,
        summary_md text,
        growth_label text,
        bright_reasons text[],
        label_source text,
        openings_est integer,
        growth_pct double precision,
        employment integer,
        employment_projected integer,
        entry_education text,
        work_experience text,
        on_the_job_training text,
        projection_soc text,
        projection_source text,
        CONSTRAINT pk_career_outlook PRIMARY KEY (onet_code),
        CONSTRAINT fk_career_outlook_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_pages (
        onet_code text NOT NULL,
        page text NOT NULL,
        etag text NOT NULL,
        CONSTRAINT pk_career_pages PRIMARY KEY (onet_code),
        CONSTRAINT fk_career_pages_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_prep (
        onet_code text NOT NULL,
        job_zone smallint,
        job_zone_title text,
        education text,
        experience text,
        training text,
        svp_range text,
        usually_needed text[],
        CONSTRAINT pk_career_prep PRIMARY KEY (onet_code),
        CONSTRAINT ck_career_prep_job_zone CHECK (job_zone BETWEEN 1 AND 5),
        CONSTRAINT fk_career_prep_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_related (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        related_code text NOT NULL,
        title text NOT NULL,
        tier text,
        CONSTRAINT pk_career_related PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_related_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_tasks (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        task_id integer,
        task_en text NOT NULL,
        category text,
        importance smallint,
        source text NOT NULL,
        CONSTRAINT pk_career_tasks PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_tasks_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_technology (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        category text NOT NULL,
        commodity_code integer,
        example text NOT NULL,
        hot_flag boolean NOT NULL,
        in_demand boolean,
        CONSTRAINT pk_career_technology PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_technology_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_titles (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        title text NOT NULL,
        title_folded text NOT NULL,
        kind text NOT NULL,
        in_mnm boolean NOT NULL,
        short_title text,
        CONSTRAINT pk_career_titles PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_titles_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE INDEX ix_career_titles_words ON career_titles
        USING gin (to_tsvector('simple', title_folded));
    CREATE TABLE career_wages_us (
        onet_code text NOT NULL,
        soc_code text NOT NULL,
        annual_10 integer,
        annual_25 integer,
        annual_median integer,
        annual_75 integer,
        annual_90 integer,
        annual_mean integer,
        hourly_10 double precision,
        hourly_25 double precision,
        hourly_median double precision,
        hourly_75 double precision,
        hourly_90 double precision,
        hourly_mean double precision,
        employment integer,
        top_coded text[] NOT NULL,
        source text NOT NULL,
        source_version text,
        CONSTRAINT pk_career_wages_us PRIMARY KEY (onet_code),
        CONSTRAINT fk_career_wages_us_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_work_activities (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        element_id text NOT NULL,
        name text NOT NULL,
        importance smallint,
        level double precision,
        CONSTRAINT pk_career_work_activities PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_work_activities_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE career_work_context (
        onet_code text NOT NULL,
        rank smallint NOT NULL,
        element_id text NOT NULL,
        name text NOT NULL,
        question text,
        context smallint,
        responses jsonb NOT NULL,
        CONSTRAINT pk_career_work_context PRIMARY KEY (onet_code, rank),
        CONSTRAINT fk_career_work_context_onet_code
            FOREIGN KEY (onet_code) REFERENCES careers (onet_code)
    );
    CREATE TABLE etl_crawled (
        run_id uuid NOT NULL,
        onet_code text NOT NULL,
        fetched_at timestamptz NOT NULL,
        CONSTRAINT pk_etl_crawled PRIMARY KEY (run_id, onet_code),
        CONSTRAINT fk_etl_crawled_run_id
            FOREIGN KEY (run_id) REFERENCES etl_runs (id)
    )
"""


def upgrade() -> None:
    op.execute(_CAREERS)
    op.execute(_TABLES)


def downgrade() -> None:
    op.execute("""DROP TABLE
        etl_crawled,
        career_work_context,
        career_work_activities,
        career_wages_us,
        career_titles,
        career_technology,
        career_tasks,
        career_related,
        career_prep,
        career_pages,
        career_outlook,
        career_ksas,
        career_interests,
        career_education_pct,
        career_dwas,
        etl_runs,
        etl_raw""")
    op.execute("DROP INDEX ix_careers_words")
    op.execute("ALTER TABLE careers DROP short_title_en, DROP part_hashes")
