# Which tests do not run on PostgreSQL, and why. They are lists for gtest, with colons between.

# About SQLite's file.
only_sqlite='Crash.*:Opening.*:Upgrade.*'

# About PostgreSQL whatever the run is about: the run on SQLite has them.
always_postgresql='LifeOfServer.*:Nodes.*:Moving.*:Postgres.*:Migrations.*:Claims.*:LogParts.*:LogOfBefore.*:Standby.*'

# Hours to weeks and outages that are played through, each reading of a channel a transaction or more, up to a hundred thousand:
# ./dev prove plays them on PostgreSQL too.
long_plays='CounterDays.*:Day.*:OutageDays.*:Sessions.*:Sizes.*:Year.*:*Simulation.*:*OutboxModel.*'
long_plays+=':Incidents.ADismissedOneStaysQuietForAWhile:OutboxScenario.TokenDiesInSending'
long_plays+=':Threads.ASolvedTicketIsReopenedAndLaterFollowedUp:Threads.TimeClosesWhatIsSolvedAndClosedIsFinal'
long_plays+=':Assignment.KeepsTheNightsQueueForTheOpening:Opening.NobodyWhoIsAbsentHoldsOpenWorkOneMinuteAfterIt'
long_plays+=':OutboxScenario.CanaryMissing:OutboxScenario.IsLookedForAsSoonAsReadingWorksAgain'
long_plays+=':OutboxScenario.SupervisorsAreToldAfterTenMinutes:Platforms/Outbox.AnUnknownReplyThatIsNowhereWaitsForAPersonsDecision/*'
long_plays+=':ResendUnseen.NotWhileItCannotBeRead:Targets.TheResolutionStandsStillWhileTheCustomerIsAwaited'
long_plays+=':Reports.TellWhatAPlainRecomputationFromTheLogTells'

# left_out_on_postgresql PROGRAM: in ./dev test
left_out_on_postgresql() {
    case $1 in
        storage) echo "$only_sqlite:$always_postgresql" ;;
        *) echo "$long_plays" ;;
    esac
}
