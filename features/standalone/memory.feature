@standalone
Feature: Memory
  All data are in memory. What happens when there is no more of it is a decision, and as shipped nobody has made it: `maxmemory` is 0, no limit, and it is the kernel that decides.

  Rule: With a limit and no eviction, a full server refuses writes
    `noeviction` is the default policy. Reads go on, and so does whatever frees memory.
    Source: https://redis.io/docs/latest/develop/reference/eviction/

    @id:full-and-refusing @cure @claim:SOLO-RAM-CEILING
    Scenario: Writes are refused with OOM, reads and deletions are not
      Given the "standalone" topology with
        | maxmemory        | 4mb        |
        | maxmemory-policy | noeviction |
      And a client sends "SET page hello" to the master
      When a client sends "SETRANGE big 5000000 x" to the master
      And a plain client sends 20 writes to the master
      Then the master refuses a write with "OOM command not allowed"
      And within 1 second the master answers "GET page" with "hello"
      And the evicted keys of the master are 0
      When a client sends "DEL big" to the master
      Then within 1 second the master accepts a write

  Rule: With an eviction policy, a full server evicts keys and accepts the write
    `allkeys-lru` evicts what has not been used for longest, by a sample and not by an exact order.
    Source: https://redis.io/docs/latest/develop/reference/eviction/

    @id:full-and-evicting @claim:SOLO-EVICT-LRU
    Scenario: Every write is acknowledged, and older keys are gone
      Given the "standalone" topology with
        | maxmemory        | 4mb         |
        | maxmemory-policy | allkeys-lru |
      And a client writes 4000 keys of 2000 bytes to the master
      When a plain client sends 100 writes to the master
      Then every write is acknowledged
      And the evicted keys of the master are more than 1000
      And the keys of the master are less than 3000

  Rule: What is deleted is freed by the thread that executes commands, or by another one if a directive says so
    `UNLINK` always leaves the work to another thread. What `DEL`, an expiry, an eviction and `FLUSHALL` do depends on the directives `lazyfree-lazy-...`: `no` in Redis, `yes` in Valkey since 8.0.
    Source: https://redis.io/docs/latest/commands/unlink/

    @id:freed-at-once @since:redis-2.8 @until:valkey-7.2
    Scenario: Redis as shipped has every lazyfree directive at no
      Given the "as-shipped" topology
      When a client sends "CONFIG GET lazyfree-lazy-*" to the master
      Then the reply has the pairs
        | lazyfree-lazy-eviction   | no |
        | lazyfree-lazy-expire     | no |
        | lazyfree-lazy-server-del | no |
        | lazyfree-lazy-user-del   | no |

    @id:freed-by-another-thread @since:valkey-8.0
    Scenario: Valkey as shipped has every one at yes
      Given the "as-shipped" topology
      When a client sends "CONFIG GET lazyfree-lazy-*" to the master
      Then the reply has the pairs
        | lazyfree-lazy-eviction   | yes |
        | lazyfree-lazy-expire     | yes |
        | lazyfree-lazy-server-del | yes |
        | lazyfree-lazy-user-del   | yes |
        | lazyfree-lazy-user-flush | yes |
