"""The sandbox: stands in for Sarvam, Groq and OpenAI on a machine without their keys.

It speaks the providers' own wire protocols on loopback, so the product has one path and no "if demo". It knows
nothing of the product beyond what a request carries, as a provider would. Run it with
`python -m local.sandbox --port N`.
"""
