"""The quiz in a browser: for oneself (`quiz web`), or for a class with papers and a teacher (`quiz serve`).

Pages are rendered on the server and work without JavaScript. Exercises, marks and hints come from the same
functions that the terminal calls, papers are handed in through `quiz.course`. Only this package imports
Starlette, Jinja2 and SQLAlchemy; they belong to the extra ``web``.
"""
