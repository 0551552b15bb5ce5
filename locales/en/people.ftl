# People
