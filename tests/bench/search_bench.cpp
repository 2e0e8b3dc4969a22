// Full-text search on a million messages: what one question costs, by kind of question, and what the index costs.
// search_bench [MESSAGES]
#include "figures.hpp"

#include <sportello/base/clock.hpp>
#include <sportello/domain/calendar.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/people.hpp>

#include "app/process.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <random>
#include <stdexcept>

namespace {

using namespace sportello;
using namespace std::chrono_literals;
using bench::number;

constexpr std::int64_t per_batch = 5'000;
constexpr int questions_of_a_kind = 100;
constexpr const char* brands[] = {"telecom", "tim", "impresa"};

/// Words as people use them: a few are everywhere, most are rare.
class Vocabulary {
public:
    explicit Vocabulary(std::mt19937& engine) : engine_(engine)
    {
        words_ = {"la",       "il",       "non",    "è",        "di",    "che",   "da",      "linea", "modem",      "internet",
                  "fibra",    "adsl",     "guasto", "bolletta", "luce",  "rossa", "perché",  "città", "assistenza", "numero",
                  "telefono", "risposta", "giorni", "mattina",  "lenta", "rete",  "tecnico", "wifi"};
        static const char* const parts[] = {"ba", "co", "di", "fe", "gi", "lo",  "ma",  "ne",
                                            "po", "ra", "se", "ti", "vo", "zza", "gno", "sci"};
        while (words_.size() < 30'000) {
            std::string word;
            for (auto n = 2 + engine_() % 3; n > 0; --n) word += parts[engine_() % std::size(parts)];
            words_.push_back(word + (engine_() % 2 == 0 ? "re" : "ti"));
        }
    }
    /// By rank: 0 is the most used.
    [[nodiscard]] const std::string& word(std::size_t rank) const { return words_[rank]; }
    const std::string& any()
    {
        const double chance = std::uniform_real_distribution<double>(0, 1)(engine_);
        return words_[static_cast<std::size_t>(std::pow(static_cast<double>(words_.size()), chance)) - 1];
    }
    std::string text()
    {
        std::string made;
        for (auto n = 8 + engine_() % 16; n > 0; --n) made += any() + " ";
        return made;
    }

private:
    std::mt19937& engine_;
    std::vector<std::string> words_;
};

engine::Settings settings()
{
    engine::Settings made;
    for (const char* id : brands) {
        engine::BrandSettings brand;
        brand.id = brand.name = id;
        brand.calendar = std::make_shared<const domain::Calendar>(domain::Calendar::always_open());
        made.brands.push_back(brand);
    }
    return made;
}

template <class Unit> auto run(storage::Database& db, Unit unit)
{
    auto result = db.write_now(unit);
    if (!result) throw std::runtime_error(result.error().what());
    return std::move(*result);
}

/// Three messages a ticket, of customers who come back.
void fill(storage::Database& db, Vocabulary& vocabulary, std::int64_t messages)
{
    for (std::int64_t done = 0; done < messages; done += per_batch) {
        run(db, [&](storage::Transaction& tx) -> base::Result<bool> {
            domain::TicketId ticket;
            std::optional<domain::IdentityId> identity;
            for (std::int64_t i = done; i < std::min(done + per_batch, messages); ++i) {
                const base::Instant at = base::from_micros(1'700'000'000'000'000 + i * 60'000'000);
                const std::string brand = brands[i / 3 % 3];
                domain::PlatformItem item;
                item.platform_id = std::to_string(i);
                item.kind = domain::MessageKind::mention;
                item.author_id = std::to_string(i / 9);
                item.author_name = vocabulary.any() + " " + vocabulary.any();
                item.text = vocabulary.text();
                item.root_id = std::to_string(i / 3);
                item.at = at;
                if (i % 3 == 0) {
                    identity = storage::upsert_identity(tx, domain::Platform::twitter, item.author_id, item.author_name, "", at);
                    domain::Ticket fresh;
                    fresh.brand = brand;
                    fresh.channel = brand + "-x";
                    fresh.platform = domain::Platform::twitter;
                    fresh.identity = *identity;
                    fresh.customer = storage::find_identity(tx, *identity)->customer;
                    fresh.root_id = item.root_id;
                    fresh.status = i + 3'000 > messages ? domain::TicketStatus::open : domain::TicketStatus::closed;
                    fresh.subject = fresh.last_text = "…";
                    fresh.created_at = fresh.updated_at = fresh.first_inbound_at = fresh.last_inbound_at = fresh.last_at = at;
                    ticket = storage::insert_ticket(tx, fresh, "");
                }
                const auto stored = storage::store_item(tx, brand + "-x", brand, domain::Platform::twitter, item, identity, at);
                storage::set_threaded(tx, stored.id, ticket, storage::Intake::done);
            }
            return true;
        });
    }
}

double index_all(storage::Database& db, const engine::Settings& made, base::Clock& clock)
{
    run(db, [](storage::Transaction& tx) -> base::Result<bool> {
        storage::set_search_backlog(tx, storage::SearchKind::message, storage::last_search_reference(tx, storage::SearchKind::message));
        return true;
    });
    engine::SearchIndex index(db, made, clock);
    return bench::seconds_of([&] {
        for (bool more = true; more;) {
            boost::asio::io_context io(1);
            boost::asio::co_spawn(io, index.keep(), [](const std::exception_ptr&, const auto& result) {
                if (!result) throw std::runtime_error(result.error().what());
            });
            io.run();
            auto look = [](storage::Transaction& tx) -> base::Result<bool> {
                return storage::search_backlog(tx, storage::SearchKind::message).has_value();
            };
            more = db.read_now(look).value();
        }
    });
}

struct Asker {
    storage::Database& db;
    engine::Settings made = settings();
    engine::Actor actor{domain::AgentId{1}, domain::Role::supervisor, {}, {}};

    /// Milliseconds that a page of tickets takes, from what was typed to their order.
    double ask(const std::string& typed, const storage::TicketFilter& filter, std::size_t& found)
    {
        auto unit = [&](storage::Transaction& tx) -> base::Result<std::size_t> {
            engine::SearchRequest request;
            request.query = engine::read_search(made, typed);
            request.filter = filter;
            request.horizon = engine::search_horizon(tx);
            return engine::search_tickets(tx, made, actor, request, std::nullopt).size();
        };
        return 1e3 * bench::seconds_of([&] { found += db.read_now(unit).value(); });
    }
};

double quantile(std::vector<double>& values, double part)
{
    std::ranges::sort(values);
    return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

} // namespace

int main(int argc, char** argv)
{
    const std::int64_t messages = argc > 1 ? std::stoll(argv[1]) : 1'000'000;
    const test::TemporaryFolder folder;
    const auto file = folder / "search.db";
    base::SystemClock clock;
    storage::DatabaseOptions options;
    options.url = "sqlite:" + file.string();
    options.migrations = std::filesystem::path(SPORTELLO_SOURCE_DIR) / "migrations";
    auto db = storage::Database::open(options, clock);
    if (!db) throw std::runtime_error(db.error().what());
    std::mt19937 engine(1);
    Vocabulary vocabulary(engine);
    fill(**db, vocabulary, messages);
    const auto size = [&] { return static_cast<double>(std::filesystem::file_size(file)) / 1048576; };
    run(**db, [](storage::Transaction&) -> base::Result<bool> { return true; });
    const double before = size();
    Asker asker{**db};
    const double seconds = index_all(**db, asker.made, clock);
    std::cout << "  " << number(messages) << " messages were indexed at " << number(static_cast<double>(messages) / seconds)
              << " a second, " << number(seconds * 1e6 / static_cast<double>(messages)) << " us each; the file grew from " << number(before)
              << " to " << number(size()) << " MiB\n";

    storage::TicketFilter all;
    storage::TicketFilter open;
    open.statuses = {domain::TicketStatus::open};
    storage::TicketFilter of_brand;
    of_brand.brands = {"impresa"};
    const auto rare = [&] { return vocabulary.word(5'000 + engine() % 20'000) + " "; };
    const auto common = [&] { return vocabulary.word(7 + engine() % 20) + " "; };
    struct Kind {
        const char* name;
        std::function<std::string()> typed;
        const storage::TicketFilter* filter;
    };
    const Kind kinds[] = {
        {"a rare word", rare, &all},
        {"a common word", common, &all},
        {"two common words", [&] { return common() + common(); }, &all},
        {"two common words side by side", [&] { return "\"" + common() + common() + "\""; }, &all},
        {"a common word without another", [&] { return common() + "-" + common(); }, &all},
        {"a beginning of two letters", [&] { return vocabulary.any().substr(0, 2) + "*"; }, &all},
        {"a beginning of four letters", [&] { return rare().substr(0, 4) + "*"; }, &all},
        {"a beginning of six letters", [&] { return rare().substr(0, 6) + "*"; }, &all},
        {"a common word of one brand", common, &of_brand},
        {"a common word among open tickets", common, &open},
    };
    std::vector<double> every;
    for (const Kind& kind : kinds) {
        std::vector<double> times;
        std::size_t found = 0;
        for (int i = 0; i < questions_of_a_kind; ++i) times.push_back(asker.ask(kind.typed(), *kind.filter, found));
        every.insert(every.end(), times.begin(), times.end());
        const double p95 = quantile(times, 0.95);
        bench::report(kind.name, number(p95) + " ms at p95",
                      number(quantile(times, 0.5)) + " ms in the middle, " + number(static_cast<double>(found) / questions_of_a_kind) +
                          " tickets",
                      "50 ms", p95 < 50);
    }
    const double p95 = quantile(every, 0.95);
    bench::report("search on " + number(messages) + " messages", number(p95) + " ms at p95",
                  number(quantile(every, 0.5)) + " ms in the middle", "50 ms", p95 < 50);
}
