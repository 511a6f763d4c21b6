-- SPDX-License-Identifier: MIT
-- Questions, and the indexes that answer them; made after the rows are in.

CREATE INDEX g_state_g ON g_state (g, ts);
