#pragma once

#include <sportello/engine/aids.hpp>
#include <sportello/engine/approvals.hpp>
#include <sportello/engine/attachments.hpp>
#include <sportello/engine/by_hand.hpp>
#include <sportello/engine/courier.hpp>
#include <sportello/engine/incidents.hpp>
#include <sportello/engine/office_hours.hpp>
#include <sportello/engine/outbox.hpp>
#include <sportello/engine/people.hpp>
#include <sportello/engine/phone_desk.hpp>
#include <sportello/engine/privacy.hpp>
#include <sportello/engine/regrouping.hpp>
#include <sportello/engine/rota.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/engine/shield.hpp>
#include <sportello/engine/staffing.hpp>
#include <sportello/engine/ticketing.hpp>
#include <sportello/engine/webhooks.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sportello::engine {

/// What of a channel is paused or resumed.
struct Pausing {
    bool reading = true;
    bool publishing = true;
};

/// One of several nodes on one database.
struct NodeOptions {
    std::string name;                                ///< that no other node has
    base::Duration lease = std::chrono::seconds(15); ///< a node that was silent for so long loses its duties
};

/// All services of the counter, wired: pollers fill the inbox, the inbox is threaded, tickets are handed out, replies leave.
class Engine {
public:
    Engine(boost::asio::any_io_executor executor, storage::Database& db, Settings settings, Connectors connectors, base::Clock& clock,
           base::Random& random);
    ~Engine();

    /// This node is one of several on one database: they share out who reads which channel, who publishes and who keeps the
    /// clock, and hear of each other through the event log. Before start(); otherwise this node does everything by itself.
    void share_duties(NodeOptions node);
    /// Whether what only one node may do by time alone is this one's to do.
    [[nodiscard]] bool keeps_the_clock() const;

    void start();
    boost::asio::awaitable<void> stop();

    [[nodiscard]] Ticketing& ticketing();
    [[nodiscard]] Outbox& outbox();
    [[nodiscard]] ByHand& by_hand();
    [[nodiscard]] Incidents& incidents();
    [[nodiscard]] Rota& rota();
    [[nodiscard]] PhoneDesk& phone_desk();
    [[nodiscard]] OfficeHours& office_hours();
    [[nodiscard]] Staffing& staffing();
    [[nodiscard]] Regrouping& regrouping();
    [[nodiscard]] People& people();
    [[nodiscard]] Aids& aids();
    [[nodiscard]] Approvals& approvals();
    [[nodiscard]] Shield& shield();
    [[nodiscard]] Webhooks& webhooks();
    [[nodiscard]] Privacy& privacy();
    [[nodiscard]] Attachments& attachments();
    [[nodiscard]] const Settings& settings() const;

    /// How the call centre and the webhooks are told; before start(). Outlives the engine. Without one nothing is told.
    void use_courier(Courier& courier);
    /// What seals secrets at rest; before start().
    void use_sealing(Sealing sealing);
    /// How customers' files are fetched; before start(). Outlives the engine. Without one none is.
    void use_file_source(FileSource& source);

    /// Stops or resumes reading, publishing or both, durably, for all these channels at once. What is being sent is sent;
    /// what is accepted meanwhile waits. not_found for an unknown channel; then nothing is changed.
    boost::asio::awaitable<Result<void>> pause_channels(std::vector<std::string> channels, Pausing what, bool paused, Command command);
    /// New tokens of a channel are in their store: it is read at once, whatever stood in the way. not_found for an unknown one.
    boost::asio::awaitable<base::Result<void>> signed_in(std::string channel, std::optional<domain::AgentId> by);
    /// One poll of a channel to its end, threaded and assigned: what the poller does each time. For tests and benchmarks.
    boost::asio::awaitable<Result<std::size_t>> poll_once(std::string channel);

    /// A platform's webhook delivered `delivery`, whose signature was checked, for one of `channels`, which share an app.
    /// Returns at once: sends that it confirms are settled and the channels that it concerns are polled soon after.
    /// Deliveries may come twice, late and in any order.
    void deliver(const std::vector<std::string>& channels, const std::string& delivery);

    /// `callback` runs on the engine's executor after events were committed; keep it short. @return a handle: the
    /// subscription ends when the handle is destroyed.
    [[nodiscard]] std::shared_ptr<void> on_events(std::function<void()> callback);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace sportello::engine
