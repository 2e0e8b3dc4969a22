#include "connection.hpp"

#include <sportello/base/text.hpp>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace sportello::storage::postgresql {
namespace {

using base::ErrorKind;

// Arbitrary, but the same in every session of every version.
constexpr std::string_view lock_order_of_facts = "SELECT pg_advisory_xact_lock(6012950541)";
constexpr std::string_view tell_listeners = "NOTIFY sportello_event";
constexpr std::string_view leave_mark = "INSERT INTO commit_mark (token, at) VALUES ($1, $2)";
constexpr std::string_view fact_insertion = "INSERT INTO event (";

// A session that hangs in a transaction holds locks that others wait for: the server ends it.
constexpr std::array<std::string_view, 3> begin_writing{
    "BEGIN ISOLATION LEVEL SERIALIZABLE", "SET LOCAL idle_in_transaction_session_timeout = '5s'", "SET LOCAL lock_timeout = '10s'"};
constexpr std::array<std::string_view, 2> begin_reading{"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                                                        "SET LOCAL idle_in_transaction_session_timeout = '60s'"};

constexpr Oid type_int8 = 20, type_int2 = 21, type_int4 = 23;

class PostgresRow final : public Row {
public:
    PostgresRow(const PGresult* answer, int row) : answer_(answer), row_(row) {}
    [[nodiscard]] bool null(int column) const override { return PQgetisnull(answer_, row_, column) != 0; }
    [[nodiscard]] std::int64_t number(int column) const override
    {
        const std::string_view written = text(column);
        if (written == "t") return 1;
        std::int64_t number = 0; // what is no number reads as 0, and fractions are cut, as in SQLite
        std::from_chars(written.data(), written.data() + written.size(), number);
        return number;
    }
    [[nodiscard]] std::string_view text(int column) const override
    {
        return {PQgetvalue(answer_, row_, column), static_cast<std::size_t>(PQgetlength(answer_, row_, column))};
    }

private:
    const PGresult* answer_;
    int row_;
};

/// The values of one execution in libpq's shape: texts end with NUL, numbers are written out.
class Parameters {
public:
    Parameters(std::span<const Value> values, std::size_t wanted)
    {
        texts_.reserve(wanted);
        for (const Value& value : values.first(std::min(wanted, values.size()))) add(value);
    }
    [[nodiscard]] int count() const { return static_cast<int>(pointers_.size()); }
    [[nodiscard]] const char* const* pointers() const { return pointers_.data(); }

private:
    void add(const Value& value)
    {
        if (std::holds_alternative<std::nullptr_t>(value)) return pointers_.push_back(nullptr);
        if (const auto* number = std::get_if<std::int64_t>(&value)) texts_.push_back(std::to_string(*number));
        else texts_.push_back(storable(std::get<std::string_view>(value)));
        pointers_.push_back(texts_.back().c_str());
    }
    /// The doors have cleaned their texts; this holds for what slipped through, so that both engines store the same.
    static std::string storable(std::string_view text)
    {
        const bool holds_nul = !text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr;
        return holds_nul ? base::clean_utf8(text) : std::string(text);
    }

    std::vector<std::string> texts_; // reserved: the pointers stay
    std::vector<const char*> pointers_;
};

std::string_view field_of(const PGresult* answer, int field)
{
    const char* text = answer == nullptr ? nullptr : PQresultErrorField(answer, field);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

Trouble trouble_in(const PGresult* answer, const PGconn* connection)
{
    const std::string_view state = field_of(answer, PG_DIAG_SQLSTATE);
    if (state == "23514" && field_of(answer, PG_DIAG_TABLE_NAME) == "event") return Trouble::no_part; // it has no other checks
    if (state == "40001" || state == "40P01" || state == "55P03") return Trouble::conflict;
    // What has no state was not said by the server: libpq speaks of the connection, whatever it thinks of it yet.
    if (state.empty() || PQstatus(connection) != CONNECTION_OK) return Trouble::lost;
    // Shut down, being started, or a server that has become a standby.
    if (state.starts_with("08") || state.starts_with("57P") || state == "25006" || state == "25P03") return Trouble::lost;
    return Trouble::none;
}

bool is_reading(const PGresult* answer)
{
    return std::string_view(PQcmdStatus(const_cast<PGresult*>(answer))).starts_with("SELECT"); // it does not change it
}

std::size_t parameters_of(std::string_view sql)
{
    std::size_t most = 0;
    for (std::size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
        std::size_t number = 0;
        std::from_chars(sql.data() + at + 1, sql.data() + sql.size(), number);
        most = std::max(most, number);
    }
    return most;
}

} // namespace

Connection::Connection(ConnectionOptions options) : options_(std::move(options)), connection_(nullptr, &PQfinish)
{
    reconnect();
}

Connection::~Connection() = default;

void Connection::reconnect()
{
    connection_.reset();
    prepared_.clear();
    facts_.clear();
    opening_ = {};
    unsettled_ = false;
    has_committed_ = false;
    // What the address says itself stands; these are for what it leaves open.
    const std::array<const char*, 9> keys{"connect_timeout",  "keepalives_idle",           "keepalives_interval",
                                          "keepalives_count", "tcp_user_timeout",          "client_encoding",
                                          "dbname",           "fallback_application_name", nullptr};
    const std::array<const char*, 9> values{"5", "10", "5", "3", "15000", "UTF8", options_.url.c_str(), options_.name.c_str(), nullptr};
    connection_.reset(PQconnectdbParams(keys.data(), values.data(), 1));
    if (PQstatus(connection_.get()) == CONNECTION_OK) {
        session_ = PQbackendPID(connection_.get());
        // Chatter such as "relation exists already" belongs into no log of ours.
        PQsetNoticeProcessor(
            connection_.get(), [](void*, const char*) {}, nullptr);
        return;
    }
    trouble_ = Trouble::lost;
    throw Failure(ErrorKind::unavailable, std::string("the database does not answer: ") + PQerrorMessage(connection_.get()));
}

std::int64_t Connection::execute(std::string_view sql, std::span<const Value> values, const std::function<bool(const Row&)>& on_row)
{
    if (sql.starts_with(fact_insertion)) {
        tell_later(sql, values);
        return 1;
    }
    settle();
    const Prepared& known = prepared(sql);
    if (values.size() < known.types.size()) { throw Failure(ErrorKind::internal, "statement wants more values: " + std::string(sql)); }
    const Answer answer = opening_.empty() ? run_prepared(known, values) : run_behind_opening(known, values);
    if (on_row) {
        for (int row = 0; row < PQntuples(answer.get()); ++row) {
            if (!on_row(PostgresRow(answer.get(), row))) break;
        }
    }
    if (is_reading(answer.get())) return 0;
    return std::strtoll(PQcmdTuples(answer.get()), nullptr, 10);
}

Connection::Answer Connection::run_prepared(const Prepared& statement, std::span<const Value> values)
{
    const Parameters parameters(values, statement.types.size());
    PGresult* raw = statement.name.empty() ? PQexecParams(connection_.get(), statement.sql.c_str(), parameters.count(),
                                                          statement.types.data(), parameters.pointers(), nullptr, nullptr, 0)
                                           : PQexecPrepared(connection_.get(), statement.name.c_str(), parameters.count(),
                                                            parameters.pointers(), nullptr, nullptr, 0);
    return expect(raw, statement.sql);
}

Connection::Answer Connection::run_behind_opening(const Prepared& statement, std::span<const Value> values)
{
    start_pipeline(statement.sql);
    const std::size_t before = send_opening();
    send(statement, values);
    return finish_pipeline(before + 1, statement.sql);
}

/// Takes the answer for which nobody has waited.
void Connection::settle() noexcept
{
    if (!std::exchange(unsettled_, false)) return;
    while (PGresult* answer = PQgetResult(connection_.get())) PQclear(answer);
}

/// Tells the server of the transaction before what cannot be sent along with it.
void Connection::open_transaction()
{
    if (opening_.empty()) return;
    start_pipeline("BEGIN");
    finish_pipeline(send_opening(), "BEGIN");
}

const Connection::Prepared& Connection::prepared(std::string_view sql)
{
    Prepared& known = prepared_[sql.data()];
    // Literals have one address each; the comparison is for those that begin alike or were not literals at all.
    if (sql == known.sql) return known;
    open_transaction();
    if (!known.name.empty()) expect(PQexec(connection_.get(), ("DEALLOCATE " + known.name).c_str()), "DEALLOCATE");
    known = {};
    known = prepare(sql, options_.keep_prepared ? "s" + std::to_string(++names_given_) : "");
    return known;
}

/// Numbers are always sent as 64 bits: where PostgreSQL would infer a smaller type from its surroundings it is told so.
Connection::Prepared Connection::prepare(std::string_view sql, std::string name)
{
    Prepared fresh{.sql = std::string(sql), .name = std::move(name), .types = std::vector<Oid>(parameters_of(sql), 0)};
    // A statement without a name lives in one session; behind a pooler only a transaction keeps the session.
    const bool alone = fresh.name.empty() && PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
    if (!alone) {
        infer_types(fresh);
        return fresh;
    }
    run_script("BEGIN");
    try {
        infer_types(fresh);
        run_script("COMMIT");
    } catch (const Failure&) {
        abandon();
        throw;
    }
    return fresh;
}

void Connection::infer_types(Prepared& fresh)
{
    const std::string& sql = fresh.sql;
    const auto prepare_as = [&] {
        expect(
            PQprepare(connection_.get(), fresh.name.c_str(), fresh.sql.c_str(), static_cast<int>(fresh.types.size()), fresh.types.data()),
            sql);
    };
    prepare_as();
    if (fresh.types.empty()) return;
    const Answer described = expect(PQdescribePrepared(connection_.get(), fresh.name.c_str()), sql);
    bool smaller = false;
    for (std::size_t n = 0; n < fresh.types.size(); ++n) {
        const Oid inferred = PQparamtype(described.get(), static_cast<int>(n));
        if (inferred != type_int4 && inferred != type_int2) continue;
        fresh.types[n] = type_int8;
        smaller = true;
    }
    if (!smaller) return;
    if (!fresh.name.empty()) expect(PQexec(connection_.get(), ("DEALLOCATE " + fresh.name).c_str()), "DEALLOCATE");
    prepare_as();
}

void Connection::begin()
{
    settle();
    trouble_ = Trouble::none;
    facts_.clear();
    opening_ = begin_writing;
}

void Connection::begin_snapshot()
{
    settle();
    trouble_ = Trouble::none;
    opening_ = begin_reading;
}

void Connection::begin_unit()
{
    facts_before_unit_ = facts_.size();
    run_script("SAVEPOINT unit");
}

void Connection::end_unit(bool keep)
{
    if (!keep) facts_.resize(facts_before_unit_);
    run_script(keep ? "RELEASE unit" : "ROLLBACK TO unit; RELEASE unit");
}

bool Connection::commit(std::string_view mark, base::Instant now)
{
    settle();
    const std::array<Value, 2> mark_values{mark, base::to_micros(now)};
    // Preparing waits for answers: not before a session's first commit, since it may be one that does not last.
    const bool keeps = options_.keep_prepared && has_committed_;
    if (keeps) {
        (void)prepared(leave_mark);
        if (!facts_.empty()) (void)prepared(lock_order_of_facts);
        for (const Fact& fact : facts_) (void)prepared(fact.sql);
    }
    const auto send_kept = [&](std::string_view sql, std::span<const Value> values) {
        if (keeps) send(prepared(sql), values);
        else send(sql, values);
    };
    // All in one go: nothing is waited for while the lock is held but the disk.
    start_pipeline("COMMIT");
    std::size_t sent = send_opening();
    send_kept(leave_mark, mark_values);
    if (!facts_.empty()) {
        send_kept(lock_order_of_facts, {});
        for (const Fact& fact : facts_) send_kept(fact.sql, fact.values);
        send(tell_listeners, {});
        sent += facts_.size() + 2;
    }
    send("COMMIT", {});
    finish_pipeline(sent + 2, "COMMIT");
    has_committed_ = true;
    return !std::exchange(facts_, {}).empty();
}

void Connection::start_pipeline(std::string_view doing)
{
    if (PQenterPipelineMode(connection_.get()) != 1) throw failure(nullptr, doing);
}

void Connection::send(std::string_view sql, std::span<const Value> values)
{
    const Parameters parameters(values, values.size());
    if (PQsendQueryParams(connection_.get(), std::string(sql).c_str(), parameters.count(), nullptr, parameters.pointers(), nullptr, nullptr,
                          0) != 1) {
        throw failure(nullptr, sql);
    }
}

void Connection::send(const Prepared& statement, std::span<const Value> values)
{
    const Parameters parameters(values, statement.types.size());
    const int sent = statement.name.empty() ? PQsendQueryParams(connection_.get(), statement.sql.c_str(), parameters.count(),
                                                                statement.types.data(), parameters.pointers(), nullptr, nullptr, 0)
                                            : PQsendQueryPrepared(connection_.get(), statement.name.c_str(), parameters.count(),
                                                                  parameters.pointers(), nullptr, nullptr, 0);
    if (sent != 1) throw failure(nullptr, statement.sql);
}

/// @return how many answers it gives.
std::size_t Connection::send_opening()
{
    const auto opening = std::exchange(opening_, {});
    for (const std::string_view sql : opening) send(sql, {});
    return opening.size();
}

/// Takes the answers of what was sent, to the end also after an error, which it throws then. @return the last one.
Connection::Answer Connection::finish_pipeline(std::size_t answers, std::string_view doing)
{
    std::optional<Failure> failed;
    Answer last(nullptr, &PQclear);
    if (PQpipelineSync(connection_.get()) != 1) failed = failure(nullptr, doing);
    for (std::size_t taken = 0; taken <= answers && PQstatus(connection_.get()) == CONNECTION_OK; ++taken) { // and the sync's own
        for (Answer answer(PQgetResult(connection_.get()), &PQclear); answer; answer.reset(PQgetResult(connection_.get()))) {
            const auto status = PQresultStatus(answer.get());
            if (status == PGRES_PIPELINE_SYNC) break; // no empty answer follows it
            if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_ABORTED && !failed) {
                failed = failure(answer.get(), doing);
            }
            last.swap(answer);
        }
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK && !failed) failed = failure(nullptr, doing);
    PQexitPipelineMode(connection_.get());
    if (failed) throw Failure(*failed);
    return last;
}

void Connection::commit_snapshot()
{
    if (!std::exchange(opening_, {}).empty()) return; // nothing was read
    if (PQsendQuery(connection_.get(), "COMMIT") != 1) throw failure(nullptr, "COMMIT");
    unsettled_ = true;
}

void Connection::abandon() noexcept
{
    settle();
    facts_.clear();
    opening_ = {};
    const auto status = PQtransactionStatus(connection_.get());
    if (status == PQTRANS_IDLE || status == PQTRANS_UNKNOWN) return;
    PQclear(PQexec(connection_.get(), "ROLLBACK"));
}

void Connection::run_script(const std::string& sql)
{
    settle();
    open_transaction();
    expect(PQexec(connection_.get(), sql.c_str()), sql);
}

std::int64_t Connection::number(std::string_view sql)
{
    return first(sql, [](const Row& row) { return row.number(0); }).value_or(0);
}

std::string Connection::text(std::string_view sql)
{
    return first(sql, [](const Row& row) { return row.string(0); }).value_or("");
}

void Connection::tell_later(std::string_view sql, std::span<const Value> values)
{
    Fact fact{.sql = sql, .values = {}, .texts = {}};
    for (const Value& value : values) {
        if (const auto* text = std::get_if<std::string_view>(&value)) {
            fact.texts.push_back(std::make_unique<std::string>(*text));
            fact.values.emplace_back(std::string_view(*fact.texts.back()));
        } else {
            fact.values.push_back(value);
        }
    }
    facts_.push_back(std::move(fact));
}

Connection::Answer Connection::expect(PGresult* raw, std::string_view doing)
{
    Answer answer(raw, &PQclear);
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw failure(answer.get(), doing);
    return answer;
}

Failure Connection::failure(const PGresult* answer, std::string_view doing)
{
    const std::string_view state = field_of(answer, PG_DIAG_SQLSTATE);
    // The first failure tells the cause; "current transaction is aborted" afterwards does not.
    if (trouble_ == Trouble::none) trouble_ = trouble_in(answer, connection_.get());
    std::string detail = answer == nullptr ? PQerrorMessage(connection_.get()) : PQresultErrorMessage(answer);
    while (!detail.empty() && (detail.back() == '\n' || detail.back() == ' ')) detail.pop_back();
    if (trouble_ == Trouble::lost) return Failure(ErrorKind::unavailable, "the database is out of reach: " + detail);
    if (trouble_ == Trouble::conflict) return Failure(ErrorKind::unavailable, "the database is busy with the same rows: " + detail);
    if (state.starts_with("53")) return Failure(ErrorKind::unavailable, "the database has no room or no memory left: " + detail);
    return Failure(ErrorKind::internal, "database: " + detail + " in: " + std::string(doing.substr(0, 200)));
}

} // namespace sportello::storage::postgresql
