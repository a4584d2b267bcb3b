"""What the black-box tests are made of: certificates, the router process, scripted backends and raw clients."""
