@cluster
Feature: Redirection with MOVED
  Every key belongs to one of 16384 slots, and every slot to one master. A node that is asked for a key of another's slot does not fetch it: it answers with the slot and
  the address of the node to ask.

  Rule: A key asked of the wrong node is answered with MOVED, slot and address
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#moved-redirection

    @id:moved-names-slot-and-node @claim:CLUS-MOVED
    Scenario: "foo" lies in slot 12182, which the third master serves: asked there, the command succeeds
      Given the "cluster" topology
      When a client sends "SET foo bar" to "node-1"
      Then the reply redirects slot 12182 to "node-3"
      When the client follows the redirection
      Then the reply is "OK"

  Rule: A client must know about redirections
    A cluster client caches the slot map, follows redirections and refreshes the map. A plain client gets the raw errors.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#client-connections-and-redirection-handling

    @id:a-plain-client-fails @claim:CLUS-MOVED-CLIENT
    Scenario: A plain client is refused with MOVED what lies on another master, and nothing else
      Given the "cluster" topology
      When a plain client sends 90 writes to "node-1"
      Then some writes are refused, all of them with "MOVED"

    @id:a-cluster-client-succeeds @claim:CLUS-MOVED-CLIENT @claim:CLUS-NO-CENTER @claim:CACHE-FULL-COPY
    Scenario: A cluster client that knows one node reaches them all
      Given the "cluster" topology
      When a cluster client that knows only "node-1" writes 90 keys
      Then every write is acknowledged
      And each of "node-1", "node-2" and "node-3" holds some of the keys
      And within 5 seconds the cluster client reads every key it wrote

    @id:the-same-node-asked-by-a-cluster-client @cure @claim:CLUS-MOVED-CLIENT
    Scenario: Where a plain client is refused, a cluster client that knows the same one node writes every key
      Given the "cluster" topology
      When a plain client sends 30 writes to "node-1"
      Then some writes are refused, all of them with "MOVED"
      When a cluster client that knows only "node-1" writes 90 keys
      Then every write is acknowledged
      And within 5 seconds the cluster client reads every key it wrote

  Rule: After a failover MOVED leads to the new master
    Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/

    @id:moved-leads-to-the-promoted-replica @claim:CLUS-MOVED-AFTER
    Scenario: The third master dies, and the same question is answered with its replica's address
      Given the "cluster" topology with
        | cluster-node-timeout | 1000 |
      When "node-3" is killed
      Then within 15 seconds "GET foo" asked of "node-1" is redirected to "node-6"
      And within 15 seconds "node-6" becomes master
      And within 15 seconds the cluster state of "node-1" is "ok"

    @id:the-client-finds-the-new-master @claim:CLUS-MOVED-AFTER @claim:CLUS-MOVED-CLIENT
    Scenario: A cluster client with the old slot map finds the new master by itself
      Given the "cluster" topology with
        | cluster-node-timeout | 1000 |
      And a cluster client that knows only "node-1" writes 90 keys
      When "node-3" is killed
      Then within 15 seconds "node-6" becomes master
      And within 20 seconds the cluster client reads every key it wrote
