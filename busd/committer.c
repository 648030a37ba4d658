#include "busd/committer.h"

#include "lib/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct committer {
    struct batch *batch;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    int done_fd;
    bool busy; // the loop's own
    // Under the mutex.
    struct publish **requests;
    size_t count, done;
    int64_t now_ms, took_us;
    bool waiting, stopping;
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void tell_done(const struct committer *committer)
{
    uint64_t one = 1;

    while (write(committer->done_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void *run(void *argument)
{
    struct committer *committer = argument;

    pthread_mutex_lock(&committer->mutex);
    while (!committer->stopping) {
        if (committer->waiting) {
            int64_t started_us = now_us();

            committer->done = batch_run(committer->batch, committer->requests, committer->count,
                                        committer->now_ms);
            committer->took_us = now_us() - started_us;
            committer->waiting = false;
            tell_done(committer);
        } else {
            pthread_cond_wait(&committer->wake, &committer->mutex);
        }
    }
    pthread_mutex_unlock(&committer->mutex);
    return NULL;
}

struct committer *committer_start(struct batch *batch, struct err *err)
{
    struct committer *committer = mem_alloc(sizeof *committer);

    committer->batch = batch;
    pthread_mutex_init(&committer->mutex, NULL);
    pthread_cond_init(&committer->wake, NULL);
    committer->done_fd = eventfd(0, EFD_CLOEXEC);
    if (committer->done_fd >= 0 && pthread_create(&committer->thread, NULL, run, committer) == 0)
        return committer;
    err_set(err, ERR_UNAVAILABLE, "thread", "a thread cannot be started: %s",
            "поток не запускается: %s", strerror(errno));
    if (committer->done_fd >= 0)
        close(committer->done_fd);
    free(committer);
    return NULL;
}

void committer_stop(struct committer *committer)
{
    if (!committer)
        return;
    pthread_mutex_lock(&committer->mutex);
    committer->stopping = true;
    pthread_cond_signal(&committer->wake);
    pthread_mutex_unlock(&committer->mutex);
    pthread_join(committer->thread, NULL);
    pthread_cond_destroy(&committer->wake);
    pthread_mutex_destroy(&committer->mutex);
    close(committer->done_fd);
    free(committer);
}

void committer_begin(struct committer *committer, struct publish **requests, size_t count,
                     int64_t now_ms)
{
    pthread_mutex_lock(&committer->mutex);
    committer->requests = requests;
    committer->count = count;
    committer->now_ms = now_ms;
    committer->waiting = true;
    committer->busy = true;
    pthread_cond_signal(&committer->wake);
    pthread_mutex_unlock(&committer->mutex);
}

bool committer_is_busy(const struct committer *committer)
{
    return committer->busy;
}

int committer_fd(const struct committer *committer)
{
    return committer->done_fd;
}

size_t committer_finish(struct committer *committer, int64_t *took_us)
{
    uint64_t count;
    size_t done;

    while (read(committer->done_fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
    pthread_mutex_lock(&committer->mutex);
    done = committer->done;
    *took_us = committer->took_us;
    committer->busy = false;
    pthread_mutex_unlock(&committer->mutex);
    return done;
}
