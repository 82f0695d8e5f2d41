"""Jobs: what employers post, what everyone may find, and the skills and categories that name it.

Owns: jobs, job_descriptions, job_skills, job_categories, job_relations, job_views, job_applies,
    openings, terms, spellings, known_words,
    skills, skill_names, skill_words, skill_rarities, categories, category_names,
    employer_snapshots, company_snapshots, candidate_snapshots.
Publishes: skill.updated, job.posted, job.updated, job.closed, job.expired, personal_data.erased.
Consumes: application.submitted, feedback.submitted, candidate.updated, employer.updated,
    company.updated, user.erased.
"""
