@cache
Feature: The shop's cache
  What customers see of the shop while its Redis is away. Three of the sentences are this crate's own (src/cache.rs, src/held.rs), the others are Rehearsal's; "cache" is a
  service of the shop in compose/shop.yml.

  Rule: What is in the cache is served while Redis is away
    Source: what the shop promises to its customers

    @id:served-from-the-cache
    Scenario: A price that was read once is served after the master has died
      Given the "shop" topology
      And a client sends "SET price:42 9.99" to the master
      When the application caches "price:42" in "cache"
      And the master is killed
      Then within 2 seconds the master refuses connections
      And within 2 seconds "cache" serves "price:42" as "9.99"

  Rule: The cache is memory only: a crash empties it, a freeze or a cut cable does not
    Source: what the shop promises to its customers

    @id:empty-after-a-crash
    Scenario: A cache that was killed refuses its customers, and is empty when it is back
      Given the "shop" topology
      And a client sends "SET price:42 9.99" to the master
      When the application caches "price:42" in "cache"
      And "cache" is killed
      Then within 2 seconds "cache" refuses connections
      When "cache" is started again
      Then within 5 seconds "cache" accepts connections
      And within 1 second "cache" serves "price:42" as "(nil)"

    @id:still-there-after-a-freeze @mirror:empty-after-a-crash
    Scenario: A cache that was frozen and then cut off serves what it had
      Given the "shop" topology
      And a client sends "SET price:42 9.99" to the master
      When the application caches "price:42" in "cache"
      And "cache" is paused for 1 second
      And "cache" is isolated for 1 second
      Then within 1 second "cache" accepts connections
      And within 1 second "cache" serves "price:42" as "9.99"

  Rule: Writes that an operator holds back wait, and are not lost
    Source: what the shop promises to its customers

    @id:held-back
    Scenario: A price that is written while writes are held back arrives when they are let go
      "Held back" is a fault of this crate's own (src/held.rs): its control leaves it out.
      Given the "shop" topology
      When writes to "cache" are held back
      And client "shop" sends "SET price:42 9.99" to "cache" and waits
      Then for 1 second client "shop" receives nothing
      When "cache" is healed
      Then within 1 second client "shop" receives "OK"
      And within 1 second "cache" serves "price:42" as "9.99"
