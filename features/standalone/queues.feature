@standalone
Feature: Queues and channels
  Two ways to hand messages on, which promise different things. A list keeps a message until one consumer takes it. A channel gives it to everybody who is listening at that moment, and keeps nothing.

  Rule: A list is a queue: first in, first out, one consumer a message
    Source: https://redis.io/docs/latest/commands/lpop/

    @id:a-list-is-a-queue @claim:QUEUE-LIST
    Scenario: What was pushed first comes first, and an empty queue answers nothing at once
      Given the "standalone" topology
      And a client sends "RPUSH jobs first second" to the master
      When a client sends "LPOP jobs" to the master
      Then the reply is "first"
      When a client sends "LPOP jobs" to the master
      Then the reply is "second"
      When a client sends "LPOP jobs" to the master
      Then the reply is "(nil)"

    @id:waiting-for-a-job @claim:QUEUE-BLPOP
    Scenario: BLPOP waits for a message and gets it as soon as there is one
      Given the "standalone" topology
      And client "worker" sends "BLPOP jobs 0" to the master and waits
      When a client sends "PING" to the master
      Then for 2 seconds client "worker" receives nothing
      And the blocked clients of the master are 1
      When a client sends "RPUSH jobs report" to the master
      Then within 1 second client "worker" receives "jobs report"
      And within 1 second the master answers "LLEN jobs" with "0"

    @id:the-first-who-waits @claim:QUEUE-BLPOP
    Scenario: Of two who wait, the one that has waited longer gets the message, and only that one
      Given the "standalone" topology
      And client "early" sends "BLPOP jobs 0" to the master and waits
      And client "late" sends "BLPOP jobs 0" to the master and waits
      When a client sends "RPUSH jobs report" to the master
      Then within 1 second client "early" receives "jobs report"
      And for 1 second client "late" receives nothing

    @id:patience-ends @claim:QUEUE-BLPOP
    Scenario: With a timeout, BLPOP gives up and answers nothing
      Given the "standalone" topology
      When client "worker" sends "BLPOP jobs 1" to the master and waits
      Then for 500 milliseconds client "worker" receives nothing
      And within 3 seconds client "worker" receives "(nil)"

  Rule: A channel delivers to everybody who listens, and to nobody afterwards
    PUBLISH answers with the number of those it was given to. It is stored nowhere: at most once.
    Source: https://redis.io/docs/latest/develop/pubsub/

    @id:one-to-many @claim:QUEUE-PUBSUB-1N
    Scenario: Three subscribers get the message, and one who comes later never does
      Given the "standalone" topology
      And client "anna" listens to the channel "news" of the master
      And client "ben" listens to the channel "news" of the master
      And client "cleo" listens to the channel "news" of the master
      When a client sends "PUBLISH news hello" to the master
      And client "dora" listens to the channel "news" of the master
      Then the reply is 3
      And within 1 second client "anna" receives "news hello"
      And within 1 second client "ben" receives "news hello"
      And within 1 second client "cleo" receives "news hello"
      And for 2 seconds client "dora" receives nothing

    @id:patterns @claim:QUEUE-PATTERN
    Scenario: A pattern stands for all channels it matches
      Given the "standalone" topology
      And client "anna" listens to the pattern "new*" of the master
      And client "ben" listens to the channel "new" of the master
      When a client sends "PUBLISH newspaper hello" to the master
      Then the reply is 1
      And within 1 second client "anna" receives "newspaper hello"
      And for 1 second client "ben" receives nothing
