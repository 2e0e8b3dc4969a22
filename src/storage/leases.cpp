#include <sportello/storage/leases.hpp>

#include <sportello/storage/claims.hpp>

#include "engine_of.hpp"
#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

const Statement find_one{"SELECT name, holder, epoch, beat FROM lease WHERE name = $1"};
const Statement find_all{"SELECT name, holder, epoch, beat FROM lease ORDER BY name"}; // a few for each node and channel
const Statement insert_lease{"INSERT INTO lease (name, holder, epoch, beat) VALUES ($1, $2, 1, 1) ON CONFLICT (name) DO NOTHING"};
const Statement take_over{"UPDATE lease SET holder = $1, epoch = epoch + 1, beat = beat + 1 WHERE name = $2 AND epoch = $3 AND beat = $4"};
const Statement renew_one{"UPDATE lease SET beat = beat + 1 WHERE name = $1 AND holder = $2 AND epoch = $3"};
const Statement give_back{"UPDATE lease SET holder = '', beat = beat + 1 WHERE name = $1 AND holder = $2 AND epoch = $3"};
const Statement delete_lease{"DELETE FROM lease WHERE name = $1 AND epoch = $2 AND beat = $3"};
const Statement held_one{"SELECT 1 FROM lease WHERE name = $1 AND holder = $2 AND epoch = $3"};

constexpr std::string_view call_out = "SELECT pg_notify('sportello_call', $1)"; // PostgreSQL's own, so no `Statement`

// Unlike a question, it leaves open as of when the transaction sees the database: that is after its turn has come.
constexpr std::string_view wait_for_turn = "LOCK TABLE writing_turn IN EXCLUSIVE MODE";
constexpr std::string_view try_to_claim = "SELECT pg_try_advisory_xact_lock(hashtext($1))"; // likewise

Lease lease_at(const Row& row)
{
    return {.name = row.string(0), .holder = row.string(1), .epoch = row.number(2), .beat = row.number(3)};
}

} // namespace

std::vector<Lease> all_leases(Transaction& tx)
{
    return tx.all(find_all, lease_at);
}

std::optional<Lease> find_lease(Transaction& tx, std::string_view name)
{
    return tx.first(find_one, lease_at, name);
}

std::optional<Lease> take_lease(Transaction& tx, std::string_view name, std::string_view node, const std::optional<Lease>& seen)
{
    const std::int64_t changed = seen ? tx.run(take_over, node, name, seen->epoch, seen->beat) : tx.run(insert_lease, name, node);
    return changed == 1 ? find_lease(tx, name) : std::nullopt;
}

bool renew_lease(Transaction& tx, const Lease& held)
{
    return tx.run(renew_one, held.name, held.holder, held.epoch) == 1;
}

void give_lease_back(Transaction& tx, const Lease& held)
{
    tx.run(give_back, held.name, held.holder, held.epoch);
}

void drop_lease(Transaction& tx, const Lease& seen)
{
    tx.run(delete_lease, seen.name, seen.epoch, seen.beat);
}

bool holds_lease(Transaction& tx, const Lease& held)
{
    return tx.first(held_one, first_number, held.name, held.holder, held.epoch).has_value();
}

void take_turn(Transaction& tx)
{
    if (among_nodes(tx)) tx.run(wait_for_turn);
}

bool claim(Transaction& tx, std::string_view what)
{
    return !among_nodes(tx) || tx.first(try_to_claim, first_number, what).value_or(0) != 0;
}

bool among_nodes(const Transaction& tx)
{
    return is_postgresql(tx);
}

void call_nodes(Transaction& tx, std::string_view words)
{
    if (is_postgresql(tx)) tx.run(call_out, words);
}

void FencedDatabase::on_commit(std::function<void()> callback)
{
    inner_.on_commit(std::move(callback));
}

boost::asio::awaitable<void> FencedDatabase::perform_work(Work& work, bool writes)
{
    Work guarded = fenced(work, writes);
    co_await perform_on(inner_, guarded, writes);
}

void FencedDatabase::run_now(Work& work, bool writes)
{
    Work guarded = fenced(work, writes);
    run_now_on(inner_, guarded, writes);
}

Database::Work FencedDatabase::fenced(Work& work, bool writes) const
{
    return Work{.run =
                    [this, &work, writes](Transaction& tx) {
                        if (writes && takes_turns_) take_turn(tx); // before anything is asked
                        if (holds_lease(tx, lease_)) return work.run(tx);
                        work.fail(base::Error(base::ErrorKind::unavailable, "another node has taken over " + lease_.name));
                        return false;
                    },
                .fail = work.fail};
}

} // namespace sportello::storage
