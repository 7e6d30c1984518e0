-- The two tables, as far as the rule reads them. TimeGenerated is in nanoseconds since 1970; NULL is an absent value.
CREATE TABLE SecurityAlert (
    TimeGenerated INTEGER NOT NULL,
    ProviderName  TEXT,
    SystemAlertId TEXT,
    Entities      TEXT
);

CREATE TABLE W3CIISLog (
    TimeGenerated INTEGER NOT NULL,
    sComputerName TEXT,
    sSiteName     TEXT,
    cIP           TEXT,
    csUriStem     TEXT,
    csUserAgent   TEXT,
    csMethod      TEXT,
    scStatus      TEXT,
    csCookie      TEXT,
    csReferer     TEXT,
    csUriQuery    TEXT
);

CREATE INDEX byComputer ON W3CIISLog (COALESCE(sComputerName, ''), COALESCE(csUriStem, ''), COALESCE(cIP, ''));

CREATE TABLE scriptExtensions (extension TEXT);
INSERT INTO scriptExtensions VALUES
    ('.php'), ('.jsp'), ('.js'), ('.aspx'), ('.asmx'), ('.asax'), ('.cfm'), ('.shtml');
