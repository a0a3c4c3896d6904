"""How streams of JSON are written, which Schemathesis does not know."""

import json

import schemathesis
from hypothesis import strategies as st

COUNT = st.integers(min_value=-1000, max_value=1000)
POINT = st.fixed_dictionaries({"x": COUNT, "y": COUNT})


def lines(points):
    return "".join(json.dumps(point) + "\n" for point in points).encode()


schemathesis.openapi.media_type("application/jsonl", st.lists(POINT).map(lines))
