// Those who called want to be forgotten, or are not to be: erasures and legal holds, as `admin` does them.
#pragma once

struct sim;

void persons_act(struct sim *sim); // one of them; busd is up before, and may have ended after
