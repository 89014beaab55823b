"""Appeals to the public: wanted, missing, witnesses, CCTV; from the reason for them to taking them down everywhere."""
