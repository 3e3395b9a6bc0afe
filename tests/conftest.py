"""What holds for all tests."""

import os

import hypothesis

# A shared or slowed machine makes an example slow without making it wrong, so there is no deadline;
# continuous integration tries the same examples every time, and people others.
hypothesis.settings.register_profile("klweb", deadline=None)
# For `make check`: mistakes that few examples find, while one waits.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "klweb")
