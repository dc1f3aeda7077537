//! A queue of tasks that limits the memory which running tasks use.
//!
//! Source trees use most of the memory of a run, and a few crates use most of that. So a task is
//! handed out only if its memory fits beside that of the running tasks, and the largest task that
//! fits comes first. A task that needs more than the whole limit runs alone. A worker that waits
//! for memory holds none, so there are no deadlocks.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Tasks, and the memory for them.
pub(super) struct Queue<T> {
    /// The limit in bytes.
    room: u64,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// Each task with the bytes that it needs.
    waiting: Vec<(u64, T)>,
    is_closed: bool,
    /// The bytes in use.
    taken: u64,
}

/// A share of the memory. It is returned when it is dropped.
pub(super) struct Share<'q, T> {
    queue: &'q Queue<T>,
    bytes: u64,
}

impl<T> Queue<T> {
    /// Creates a queue with a limit of `room` bytes.
    pub(super) fn new(room: u64) -> Self {
        let state = State { waiting: Vec::new(), is_closed: false, taken: 0 };
        Queue { room, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<T>>) -> MutexGuard<'s, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a task that needs this many bytes.
    pub(super) fn push(&self, bytes: u64, work: T) {
        self.lock().waiting.push((bytes, work));
        self.changed.notify_all();
    }

    /// Marks the queue as complete: no task will be added.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits for a task that fits, and returns it with its share of the memory; `None` after the
    /// last one.
    pub(super) fn pop(&self) -> Option<(T, Share<'_, T>)> {
        let mut state = self.lock();
        loop {
            let waiting = state.waiting.iter().enumerate().rev();
            let fitting = waiting.filter(|(_, (bytes, _))| self.fits(&state, *bytes));
            // Of several tasks with the same size, the one that waits longest.
            let largest = fitting.max_by_key(|(_, (bytes, _))| *bytes).map(|(place, _)| place);
            if let Some(place) = largest {
                let (bytes, work) = state.waiting.remove(place);
                return Some((work, self.share(&mut state, bytes)));
            }
            if state.is_closed && state.waiting.is_empty() {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn fits(&self, state: &State<T>, bytes: u64) -> bool {
        state.taken == 0 || state.taken.saturating_add(bytes) <= self.room
    }

    fn share(&self, state: &mut State<T>, bytes: u64) -> Share<'_, T> {
        state.taken = state.taken.saturating_add(bytes);
        Share { queue: self, bytes }
    }
}

impl<'q, T> Share<'q, T> {
    /// The size of the share in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the share, and waits for another one. The caller must hold nothing that uses memory
    /// of the share.
    pub(super) fn exchange(&mut self, bytes: u64) {
        let queue = self.queue;
        let mut state = self.give_back();
        while !queue.fits(&state, bytes) {
            state = queue.wait(state);
        }
        state.taken = state.taken.saturating_add(bytes);
        self.bytes = bytes;
    }

    fn give_back(&mut self) -> MutexGuard<'q, State<T>> {
        let (queue, bytes) = (self.queue, std::mem::take(&mut self.bytes));
        let mut state = queue.lock();
        state.taken = state.taken.saturating_sub(bytes);
        queue.changed.notify_all();
        state
    }
}

impl<T> Drop for Share<'_, T> {
    fn drop(&mut self) {
        drop(self.give_back());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use proptest::prelude::*;

    use super::*;

    const ROOM: u64 = 100;

    /// The running and completed tasks.
    #[derive(Default)]
    struct Done(Mutex<(Vec<u64>, Vec<u64>)>);

    impl Done {
        /// Marks a task as running; it uses its memory from now on.
        fn begin(&self, bytes: u64) {
            let mut state = self.0.lock().unwrap();
            state.0.push(bytes);
            let together: u64 = state.0.iter().sum();
            let is_alone = state.0.iter().max() == Some(&together);
            assert!(together <= ROOM || is_alone, "{:?} together", state.0);
        }

        fn end(&self, bytes: u64) {
            let mut state = self.0.lock().unwrap();
            let place = state.0.iter().position(|other| *other == bytes).unwrap();
            state.0.swap_remove(place);
            state.1.push(bytes);
        }
    }

    /// Runs tasks with several workers. Some tasks find out only then that they need another
    /// amount.
    fn work_off(workers: usize, work: &[(u64, Option<u64>)]) -> Vec<u64> {
        let (queue, done) = (Queue::new(ROOM), Done::default());
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(((bytes, later), mut share)) = queue.pop() {
                        assert_eq!(share.bytes(), bytes);
                        done.begin(bytes);
                        std::thread::yield_now();
                        done.end(bytes);
                        if let Some(later) = later {
                            share.exchange(later);
                            assert_eq!(share.bytes(), later);
                            done.begin(later);
                            std::thread::yield_now();
                            done.end(later);
                        }
                    }
                });
            }
            for (bytes, later) in work {
                queue.push(*bytes, (*bytes, *later));
            }
            queue.close();
        });
        assert_eq!(queue.lock().taken, 0);
        let mut done = done.0.into_inner().unwrap().1;
        done.sort_unstable();
        done
    }

    proptest! {
        /// The running tasks never use more than the limit, except a task that runs alone, and all
        /// tasks are done.
        #[test]
        fn all_work_is_done_within_the_room(
            workers in 1..5_usize,
            work in prop::collection::vec((0..150_u64, prop::option::of(0..150_u64)), 0..40),
        ) {
            let mut all: Vec<u64> = work.iter().flat_map(|(bytes, later)| [Some(*bytes), *later]).flatten().collect();
            all.sort_unstable();
            prop_assert_eq!(work_off(workers, &work), all);
        }
    }

    #[test]
    fn the_largest_that_fits_is_first() {
        let queue = Queue::new(ROOM);
        for bytes in [10, 120, 70, 50, 30] {
            queue.push(bytes, bytes);
        }
        let pop = || queue.pop().unwrap();
        let (alone, share) = pop();
        assert_eq!(alone, 120);
        drop(share);
        let (first, share_of_first) = pop();
        let (second, share_of_second) = pop();
        assert_eq!([first, second], [70, 30]);
        drop(share_of_second);
        let (third, _share_of_third) = pop();
        assert_eq!(third, 10);
        drop(share_of_first);
        assert_eq!(pop().0, 50);
    }

    /// Two workers that hold half of the memory each, and that both need all of it.
    #[test]
    fn those_who_wait_do_not_wait_for_each_other() {
        let queue = Queue::new(ROOM);
        queue.push(ROOM / 2, 1);
        queue.push(ROOM / 2, 2);
        queue.close();
        let both_hold = Barrier::new(2);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let (_, mut share) = queue.pop().unwrap();
                    both_hold.wait();
                    share.exchange(ROOM * 2);
                    assert_eq!(queue.lock().taken, ROOM * 2);
                });
            }
        });
        assert_eq!(queue.lock().taken, 0);
    }

    #[test]
    fn who_fails_gives_the_room_back() {
        let queue = Queue::new(ROOM);
        queue.push(ROOM, 1);
        queue.push(ROOM, 2);
        std::thread::scope(|scope| {
            let failing = scope.spawn(|| {
                let _taken = queue.pop().unwrap();
                panic!("as expected");
            });
            failing.join().unwrap_err();
        });
        assert_eq!(queue.pop().map(|(work, _)| work), Some(2));
    }
}
