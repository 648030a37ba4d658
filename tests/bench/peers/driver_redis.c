// Publishes to a Redis stream over its Unix socket: XADD of the same event, one connection a
// publisher, pipelined up to the window, one thread with epoll.
#include "tests/bench/peers/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <sys/epoll.h>

struct publisher {
    redisContext *redis;
    int64_t sent_us[WINDOW_MAX];
    unsigned sent, answered;
};

static struct measure measure;
static char *command;
static int command_length;
static char *id_in_command;

static void prepare_command(void)
{
    size_t id_at, length;
    char *event = measure_event(&measure, &id_at, &length);
    command_length = redisFormatCommand(&command, "XADD events * e %b", event, length);
    char start[64];
    snprintf(start, sizeof start, "%.40s", event);
    id_in_command = strstr(command, start) + id_at;
    free(event);
}

static void send_event(struct publisher *publisher)
{
    measure_put_id(id_in_command);
    publisher->sent_us[publisher->sent++ % WINDOW_MAX] = measure_now_us();
    redisAppendFormattedCommand(publisher->redis, command, (size_t)command_length);
}

static void flush(struct publisher *publisher)
{
    int done = 0;
    while (!done) {
        if (redisBufferWrite(publisher->redis, &done) != REDIS_OK) {
            fprintf(stderr, "driver_redis: %s\n", publisher->redis->errstr);
            exit(1);
        }
    }
}

// Reads all that is there and sends as much again; false when the time is over.
static bool turn(struct publisher *publisher)
{
    if (redisBufferRead(publisher->redis) != REDIS_OK) {
        fprintf(stderr, "driver_redis: %s\n", publisher->redis->errstr);
        exit(1);
    }
    void *reply;
    while (redisGetReplyFromReader(publisher->redis, &reply) == REDIS_OK && reply) {
        if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) {
            fprintf(stderr, "driver_redis: %s\n", ((redisReply *)reply)->str);
            exit(1);
        }
        freeReplyObject(reply);
        int64_t sent_us = publisher->sent_us[publisher->answered++ % WINDOW_MAX];
        if (!measure_answer(&measure, sent_us, measure_now_us())) {
            return false;
        }
        send_event(publisher);
    }
    flush(publisher);
    return true;
}

int main(int count, char **arguments)
{
    measure_options(&measure, count, arguments);
    prepare_command();
    int poll = epoll_create1(0);
    struct publisher *all = calloc((size_t)measure.publishers, sizeof *all);
    for (int i = 0; i < measure.publishers; i++) {
        all[i].redis = redisConnectUnixNonBlock(measure.endpoint);
        if (!all[i].redis || all[i].redis->err) {
            fprintf(stderr, "driver_redis: %s: no connection\n", measure.endpoint);
            return 1;
        }
        struct epoll_event watch = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].redis->fd, &watch);
    }
    measure_start(&measure);
    for (int i = 0; i < measure.publishers; i++) {
        for (int j = 0; j < measure.window; j++) {
            send_event(&all[i]);
        }
        flush(&all[i]);
    }
    bool on = true;
    while (on) {
        struct epoll_event ready[64];
        int number = epoll_wait(poll, ready, 64, 1000);
        for (int i = 0; on && i < number; i++) {
            on = turn(ready[i].data.ptr);
        }
        on = on && measure_now_us() < measure.end_us;
    }
    measure_report(&measure);
    return 0;
}
