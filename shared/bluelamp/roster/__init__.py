"""Who answers for an account at a minute: lead, deputy, whoever stands in, the control room; never nobody."""
