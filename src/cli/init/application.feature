@application
Feature: Our application and its Redis
  What our application does while the Redis it stands on is away, and what is left when it comes back. It happens in compose/application.yml, where "app" is
  our own service.

  Rule: A crash of Redis loses nothing that was acknowledged, and does not take the application along
    With `appendfsync always` a write is on disk before it is acknowledged.
    Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/

    @id:redis-crashes
    Scenario: The application accepts connections while Redis is down, and every write is there when it is back
      Given the "application" topology with
        | appendonly  | yes    |
        | appendfsync | always |
      And a client writes 100 keys to the master
      When the master is killed
      Then within 2 seconds the master refuses connections
      And within 2 seconds "app" accepts connections
      When the master is started again
      Then within 10 seconds the master holds every key that was written
