#include "busd/daemon_rules.h"

#include "busd/batch_timer.h"
#include "lib/log.h"

struct rules_loaded *daemon_read_rules(const struct config *config, struct err *err)
{
    return rules_load(*config->rules ? config->rules : NULL, err);
}

bool daemon_journal_rules(struct daemon *daemon)
{
    int64_t now_ms = daemon_now_ms(daemon);
    struct err err;
    int set;

    err_clear(&err);
    if (batch_take_rules(&daemon->batch, now_ms, &set, &err) != ERR_OK) {
        daemon->failed = store_failed(daemon->store);
        log_error("%s reason=%s error=\"%s\"",
                  set < 0 ? "the incidents were not regrouped"
                          : "the rules of grouping stay as they were",
                  err.reason, err.message[LANGUAGE_EN]);
        return false;
    }
    if (daemon->batch.packet_count && !daemon->replay)
        daemon->clock_ms = now_ms;
    if (set >= 0)
        log_info("rules of grouping in force set=%s sha256=%s", rules_set_names[set],
                 daemon->rules->lines.sets[set].sha256);
    daemon_tell(daemon);
    return true;
}

void daemon_take_rules(struct daemon *daemon, struct rules_loaded *rules)
{
    struct rules_loaded *former = daemon->rules;

    daemon->rules = rules;
    engine_set_rules(daemon->engine, &rules->lines);
    if (!daemon_journal_rules(daemon)) {
        daemon->rules = former;
        former = rules;
        engine_set_rules(daemon->engine, &daemon->rules->lines);
    }
    rules_unload(former);
}
