#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/domain/alerting.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/alerts.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// Whom an [[alert]] tells.
struct AlertRecipient {
    enum class Way { mail, webhook };
    Way way = Way::mail;
    std::string address; ///< of mail, or the URL of a webhook, which may be a secret
    std::string label;   ///< for lists and logs, never secret: "mailto:ops@example.it", "https://hooks.example.it"
    std::string secret;  ///< signs what goes to a webhook; empty: unsigned
};

/// One [[alert]] of the configuration.
struct AlertRouteSettings {
    domain::AlertRoute route;
    std::vector<std::vector<AlertRecipient>> steps; ///< as many as the route's
};

struct AlertSettings {
    std::vector<AlertRouteSettings> routes;
    base::Duration unknown_for = std::chrono::minutes(10);
    std::int64_t disk_free_bytes = 2LL << 30; ///< less is told of
    base::Duration backup_age = std::chrono::hours(26);
    base::Duration kept_for = std::chrono::hours(24) * 90; ///< ended ones
    std::string public_url;                                ///< for the one-time links; empty: none are sent

    [[nodiscard]] const AlertRouteSettings* route(std::string_view name) const;
};

/// What the machine says of itself.
struct HostFacts {
    std::string machine;                       ///< its name among several; empty: there is only this one
    std::string disk;                          ///< the folder that was looked at; empty: none
    std::int64_t disk_free_bytes = 0;
    std::int64_t disk_total_bytes = 0;
    bool backups_expected = false;             ///< a folder for them is configured
    std::optional<base::Instant> newest_backup;
    std::int64_t database_bytes = 0;           ///< with its log
    std::int64_t resident_bytes = 0;           ///< of memory, this process; 0: not known
    bool reload_ok = true;                     ///< the last reload of the configuration was taken
};
using HostWatch = std::function<HostFacts()>;

/// What is sent to one recipient, in both forms.
struct AlertLetter {
    std::int64_t alert = 0; ///< 0: a test
    std::int64_t notice = 0;
    std::string kind; ///< words of domain::AlertNotice, or "test"
    std::string subject;
    std::string text; ///< of a mail
    std::string json; ///< the body for a webhook
    base::Instant at{};
};
/// @param route  which [[alert]] it is for, and @param step which of its steps; @param link  to acknowledge; empty: none
[[nodiscard]] AlertLetter write_letter(const storage::Alert& alert, std::string_view notice, const AlertRouteSettings& route,
                                       std::size_t step, const std::string& link, base::Instant now);
/// What `sportello alert test` sends: marked as such, with nothing to be done.
[[nodiscard]] AlertLetter write_test_letter(const AlertRouteSettings& route, std::size_t step, domain::AlertKind kind, base::Instant now);

/// Carries letters; whoever wires the program together gives one.
class AlertSender {
public:
    virtual ~AlertSender() = default;
    /// @return why it did not arrive, in words without anything secret
    virtual boost::asio::awaitable<base::Result<void>> send(AlertRecipient recipient, AlertLetter letter) = 0;
};

/// What is wrong now in the house, by what the database says.
[[nodiscard]] std::vector<domain::AlertCause> house_causes(storage::Transaction& tx, const Settings& settings, const AlertSettings& alerts,
                                                           base::Instant now);
/// What is wrong with this machine.
[[nodiscard]] std::vector<domain::AlertCause> host_causes(const AlertSettings& alerts, const HostFacts& host, base::Instant now);

/// Looks for causes, decides who is told, and sends. What was decided is in the database before anything is sent.
class Alerts {
public:
    /// @param host  asked at each look, on the executor: quick
    Alerts(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, AlertSettings alerts, AlertSender& sender,
           HostWatch host, base::Clock& clock, base::Random& random);

    /// Looks at the house, and tells people, only while this holds: one of several nodes does, while each looks at its own machine.
    /// Before run().
    void house_only_when(std::function<bool()> ours) { house_is_ours_ = std::move(ours); }

    /// Looks every half minute, and when woken, until stop().
    boost::asio::awaitable<void> run();
    void stop();
    void wake() { signal_.notify(); }

    /// One look: what has begun and ended, and who is to be told. @return whether anything changed.
    boost::asio::awaitable<base::Result<bool>> look();
    /// Sends what is due. @return how many arrived.
    boost::asio::awaitable<std::size_t> send_due();

private:
    class Look;
    boost::asio::awaitable<bool> send(storage::AlertNoticeRow notice);
    boost::asio::awaitable<std::string> make_link(std::int64_t notice, std::int64_t alert);

    storage::Database& db_;
    const Settings& settings_;
    const AlertSettings alerts_;
    AlertSender& sender_;
    HostWatch host_;
    base::Clock& clock_;
    base::Random& random_;
    base::Signal signal_;
    std::map<std::int64_t, base::Instant> seen_; ///< when the cause of an alert was last there
    std::function<bool()> house_is_ours_; ///< none: always
    bool stopping_ = false;
};

/// The server starts: counted, for the alert on restarts. Before Alerts::run.
/// @param machine  its name among several; empty: there is only this one
void note_start(storage::Transaction& tx, std::string_view machine, base::Instant now);
/// It stops in an orderly way.
void note_stop(storage::Transaction& tx, std::string_view machine, base::Instant now);

/// Somebody knows: nothing is repeated any more. Once more is no mistake. not_found for none, or one of another brand.
[[nodiscard]] base::Result<storage::Alert> acknowledge_alert(storage::Transaction& tx, std::int64_t alert, const Command& command,
                                                             base::Instant now);
/// Whether this person may see it: of their brands, or of the house as a whole.
[[nodiscard]] bool may_see_alert(const storage::Alert& alert, const Actor& actor);

/// What a one-time link is for. @return not_found once it was used, or when the alert is over.
[[nodiscard]] base::Result<storage::Alert> alert_of_link(storage::Transaction& tx, std::string_view token);
/// Acknowledges by it; it serves once.
[[nodiscard]] base::Result<storage::Alert> acknowledge_by_link(storage::Transaction& tx, std::string_view token, base::Instant now);

} // namespace sportello::engine
