# The reference of the API. The operations themselves are described in English.

reference-title = API reference
reference-contents = Contents
reference-key = Your API key
reference-key-hint = It stays in the memory of this page and is gone when you close or reload it.
reference-parameters = Parameters
reference-required = required
reference-body = Body
reference-answer = Answer
reference-example = Example
reference-try = Try it
reference-send = Send
reference-changes = This is carried out for real.
reference-failed = The request did not reach the server.
