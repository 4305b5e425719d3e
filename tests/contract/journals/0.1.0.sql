-- A journal as release 0.1.0 left it: `sqlite3 journal.db .dump`, and the two numbers that a dump leaves out.
PRAGMA application_id = 1970168946;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE answers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        entry TEXT NOT NULL,
        choice TEXT NOT NULL,
        value TEXT NOT NULL,
        note TEXT NOT NULL,
        by TEXT NOT NULL,
        digest TEXT NOT NULL
    );
INSERT INTO "answers" VALUES(1,2,'notes/approve1','approve','null','','ada','');
CREATE TABLE attempts (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        step TEXT NOT NULL,
        n INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        performer TEXT NOT NULL,
        digest TEXT NOT NULL,
        started REAL NOT NULL,
        finished REAL,
        status TEXT NOT NULL DEFAULT 'started',
        failure TEXT,
        interrupted INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (run, step, n, seq)
    ) WITHOUT ROWID
    ;
INSERT INTO "attempts" VALUES(1,'log',1,3,'git.log','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1700000003.0,1700000006.0,'succeeded',NULL,0);
INSERT INTO "attempts" VALUES(1,'notes',1,9,'writer','',1700000009.0,1700000012.0,'succeeded',NULL,0);
INSERT INTO "attempts" VALUES(2,'notes',1,3,'writer','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',1700000003.0,1700000004.0,'failed','{"kind":"rate_limited","message":"429 from the model","hint":"Wait a little","detail":{"status":429},"retry_after":12.5}',0);
INSERT INTO "attempts" VALUES(2,'notes',2,6,'writer','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',1700000006.0,1700000007.0,'succeeded',NULL,0);
CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL
    ) WITHOUT ROWID
    ;
INSERT INTO "drafts" VALUES('d1',1700000000.0,'One','name: one
steps: []
');
CREATE TABLE events (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        at REAL NOT NULL,
        type TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        blobs TEXT,
        PRIMARY KEY (run, seq)
    );
INSERT INTO "events" VALUES(1,1,1700000001.0,'RunStarted',1,'{"workflow":"release-notes","title":"Release notes","source":"name: release-notes\nsteps:\n  - {id: log, type: skill, skill: git.log}\n","parameters":{"audience":"users","since":null,"limit":20},"plan":{"title":"release-notes","steps":[{"id":"log"},{"id":"notes"}]},"root":"/home/ada/project","digests":{"skill:git.log":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"environment":{"LANG":"en"},"attended":true,"simulated":""}',NULL);
INSERT INTO "events" VALUES(1,2,1700000002.0,'StepStarted',1,'{"step":"log","input":{"parameters":{"repo":"."}}}',NULL);
INSERT INTO "events" VALUES(1,3,1700000003.0,'AttemptStarted',1,'{"step":"log","n":1,"performer":"git.log","digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","approval":""}',NULL);
INSERT INTO "events" VALUES(1,4,1700000004.0,'CallStarted',1,'{"step":"log","key":"run","n":1,"effect":"pure","spec":{"skill":"git.log"},"spec_digest":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","idempotency_key":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","digest":"","model":""}',NULL);
INSERT INTO "events" VALUES(1,5,1700000005.0,'CallFinished',1,'{"step":"log","key":"run","output":{"commits":[{"id":"c0ffee","subject":"Say “déjà vu” twice"}],"count":1},"usage":null}',NULL);
INSERT INTO "events" VALUES(1,6,1700000006.0,'AttemptFinished',1,'{"step":"log","n":1,"status":"succeeded","failure":null,"interrupted":false}',NULL);
INSERT INTO "events" VALUES(1,7,1700000007.0,'StepFinished',1,'{"step":"log","status":"succeeded","output":{"commits":[{"id":"c0ffee","subject":"Say “déjà vu” twice"}],"count":1},"failure":null,"then":""}',NULL);
INSERT INTO "events" VALUES(1,8,1700000008.0,'StepStarted',1,'{"step":"notes","input":{"input":"Write release notes"}}',NULL);
INSERT INTO "events" VALUES(1,9,1700000009.0,'AttemptStarted',1,'{"step":"notes","n":1,"performer":"writer","digest":"","approval":""}',NULL);
INSERT INTO "events" VALUES(1,10,1700000010.0,'CallStarted',1,'{"step":"notes","key":"turn1","n":1,"effect":"unsafe","spec":{"model":"demo/scripted"},"spec_digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","idempotency_key":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","digest":"","model":""}',NULL);
INSERT INTO "events" VALUES(1,11,1700000011.0,'CallFinished',1,'{"step":"notes","key":"turn1","output":{"text":"## Notes"},"usage":{"model":"demo/scripted","tokens_in":120,"tokens_out":30,"tokens_cached":null,"cost_usd":0.0,"simulated":true}}',NULL);
INSERT INTO "events" VALUES(1,12,1700000012.0,'AttemptFinished',1,'{"step":"notes","n":1,"status":"succeeded","failure":null,"interrupted":false}',NULL);
INSERT INTO "events" VALUES(1,13,1700000013.0,'StepFinished',1,'{"step":"notes","status":"succeeded","output":{"text":"## Notes"},"failure":null,"then":""}',NULL);
INSERT INTO "events" VALUES(1,14,1700000014.0,'RunFinished',1,'{"status":"succeeded","outputs":{"notes":"## Notes"},"failure":null}',NULL);
INSERT INTO "events" VALUES(2,1,1700000001.0,'RunStarted',1,'{"workflow":"release-notes","title":"Release notes","source":"name: release-notes\nsteps:\n  - {id: log, type: skill, skill: git.log}\n","parameters":{"audience":"users","since":null,"limit":20},"plan":{"title":"release-notes","steps":[{"id":"log"},{"id":"notes"}]},"root":"/home/ada/project","digests":{"skill:git.log":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"environment":{"LANG":"en"},"attended":true,"simulated":""}',NULL);
INSERT INTO "events" VALUES(2,2,1700000002.0,'StepStarted',1,'{"step":"notes","input":{"input":"x"}}',NULL);
INSERT INTO "events" VALUES(2,3,1700000003.0,'AttemptStarted',1,'{"step":"notes","n":1,"performer":"writer","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","approval":""}',NULL);
INSERT INTO "events" VALUES(2,4,1700000004.0,'AttemptFinished',1,'{"step":"notes","n":1,"status":"failed","failure":{"kind":"rate_limited","message":"429 from the model","hint":"Wait a little","detail":{"status":429},"retry_after":12.5},"interrupted":false}',NULL);
INSERT INTO "events" VALUES(2,5,1700000005.0,'RetryScheduled',1,'{"step":"notes","at":1700000006.0,"why":"429, 12.5 s asked for"}',NULL);
INSERT INTO "events" VALUES(2,6,1700000006.0,'AttemptStarted',1,'{"step":"notes","n":2,"performer":"writer","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","approval":""}',NULL);
INSERT INTO "events" VALUES(2,7,1700000007.0,'AttemptFinished',1,'{"step":"notes","n":2,"status":"succeeded","failure":null,"interrupted":false}',NULL);
INSERT INTO "events" VALUES(2,8,1700000008.0,'Asked',1,'{"entry":"notes/approve1","step":"notes","key":"approve","reason":"approval","title":"Write RELEASE_NOTES.md?","body":"--- a\n+++ b\n","facts":{"file":"RELEASE_NOTES.md"},"choices":["approve","deny"],"digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","schema":null,"until":1700003600.5,"default":"deny","language":"diff"}',NULL);
CREATE TABLE inbox (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        entry TEXT NOT NULL,
        place INTEGER NOT NULL,
        step TEXT NOT NULL,
        reason TEXT NOT NULL,
        title TEXT NOT NULL,
        asked REAL NOT NULL,
        choices TEXT NOT NULL,
        PRIMARY KEY (run, entry)
    ) WITHOUT ROWID
    ;
INSERT INTO "inbox" VALUES(2,'notes/approve1',0,'notes','approval','Write RELEASE_NOTES.md?',1700000000.0,'["approve","deny"]');
CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        workflow TEXT NOT NULL,
        title TEXT NOT NULL,
        status TEXT NOT NULL,
        started REAL NOT NULL,
        updated REAL NOT NULL,
        finished REAL,
        steps_done INTEGER NOT NULL,
        steps_total INTEGER NOT NULL,
        steps_failed INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL,
        cost_usd REAL,
        cost_known INTEGER NOT NULL,
        simulated INTEGER NOT NULL,
        root TEXT NOT NULL,
        owner TEXT NOT NULL,
        holder TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        last_seq INTEGER NOT NULL
    );
INSERT INTO "runs" VALUES(1,'aaaa1111','release-notes','Release notes','succeeded',1700000000.0,1700000001.0,1700000014.0,2,2,0,0,0,NULL,1,0,'/home/ada/project','','',1,14);
INSERT INTO "runs" VALUES(2,'bbbb2222','release-notes','Release notes','waiting',1700000000.0,1700000001.0,NULL,0,2,0,0,0,NULL,1,0,'/home/ada/project','ada on host, pid 8','641-1685bf58f57f113d',1,8);
CREATE TABLE usage (
        run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        at REAL NOT NULL,
        step TEXT NOT NULL,
        key TEXT NOT NULL,
        model TEXT NOT NULL,
        tokens_in INTEGER,
        tokens_out INTEGER,
        tokens_cached INTEGER,
        cost_usd REAL,
        simulated INTEGER NOT NULL,
        PRIMARY KEY (run, seq)
    ) WITHOUT ROWID
    ;
INSERT INTO "usage" VALUES(1,11,1700000011.0,'notes','turn1','demo/scripted',120,30,NULL,0.0,1);
CREATE INDEX runs_by_start ON runs (started);
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_go_with_their_run BEFORE DELETE ON events
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
    BEGIN SELECT RAISE(ABORT, 'events are deleted only with their run'); END;
CREATE INDEX answers_by_entry ON answers (run, entry);
CREATE TRIGGER answers_stay BEFORE UPDATE ON answers
    BEGIN SELECT RAISE(ABORT, 'answers are never changed'); END;
CREATE TRIGGER answers_go_with_their_run BEFORE DELETE ON answers
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
    BEGIN SELECT RAISE(ABORT, 'answers are deleted only with their run'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('answers',1);
COMMIT;
