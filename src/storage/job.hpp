#pragma once

#include <sportello/base/error.hpp>
#include <sportello/storage/database.hpp>

#include <exception>
#include <functional>
#include <memory>

namespace sportello::storage {

/// Hands a finished unit back to whoever waits for it: a coroutine or a thread.
class Completion {
public:
    virtual ~Completion() = default;
    /// Called once, on a thread of the database.
    virtual void complete() = 0;
};

/// A unit of work on its way through a thread of the database. The functions are borrowed from the waiting side.
struct Job {
    const std::function<bool(Transaction&)>* run = nullptr;        ///< @return whether it succeeded; may be run again
    const std::function<void(const base::Error&)>* fail = nullptr; ///< replaces its result by an error
    std::unique_ptr<Completion> completion;
};

/// Runs the unit; whatever it throws becomes its result. @return whether it succeeded.
inline bool run_guarded(const Job& job, Transaction& tx)
{
    try {
        return (*job.run)(tx);
    } catch (const Failure& failure) {
        (*job.fail)(base::Error(failure.kind(), failure.what()));
    } catch (const std::exception& defect) {
        (*job.fail)(base::Error(base::ErrorKind::internal, std::string("unit of work: ") + defect.what()));
    }
    return false;
}

} // namespace sportello::storage
