"""The record of a destruction (scarto): what is gone, why, and who authorised it."""
