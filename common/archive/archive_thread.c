/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_thread: the end of a thread is a flag under a lock, because a plain join knows no
 * deadline. */
#include "archive/archive_thread.h"

#include "base/clock.h"

#include <signal.h>

#define GRACE_NS     (300 * NS_PER_MS) /* after the deadline, for all threads that share it … */
#define GRACE_NS_MIN (20 * NS_PER_MS)  /* … and for those that are waited for after that */

void archive_thread_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

void archive_thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_mono_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_mono_ns / NS_PER_S),
        .tv_nsec = (long)(until_mono_ns % NS_PER_S),
    };

    IGNORE(pthread_cond_timedwait(cond, lock, &until) != 0, "callers look again in any case");
}

static void *thread_main(void *arg)
{
    struct archive_thread *t = arg;

    t->run(t->arg);
    pthread_mutex_lock(&t->lock);
    t->ended = true;
    pthread_cond_signal(&t->ended_cond);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

err_t archive_thread_start(struct archive_thread *t, const char *name, void (*run)(void *arg),
                           void *arg)
{
    sigset_t all;
    sigset_t before;

    t->run = run;
    t->arg = arg;
    t->ended = false;
    pthread_mutex_init(&t->lock, NULL);
    archive_thread_cond_init(&t->ended_cond);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&t->id, NULL, thread_main, t);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    ENSURE(failed == 0, ERR_NOMEM);
    IGNORE(pthread_setname_np(t->id, name) != 0, "the name is for people only");
    return ERR_OK;
}

bool archive_thread_join(struct archive_thread *t, uint64_t deadline_mono_ns)
{
    uint64_t now = clock_mono_ns();
    uint64_t until = deadline_mono_ns + GRACE_NS;

    if (until < now + GRACE_NS_MIN) {
        until = now + GRACE_NS_MIN;
    }
    pthread_mutex_lock(&t->lock);
    while (!t->ended && clock_mono_ns() < until) {
        archive_thread_wait(&t->ended_cond, &t->lock, until);
    }
    bool ended = t->ended;
    pthread_mutex_unlock(&t->lock);
    if (!ended) {
        pthread_detach(t->id); /* nobody will wait for it again */
        return false;
    }
    pthread_join(t->id, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->ended_cond);
    return true;
}
