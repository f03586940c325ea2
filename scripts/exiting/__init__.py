"""The exit drill: what is handed over is all there is, and an empty archive makes the same of it."""
