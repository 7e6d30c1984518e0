-- "Malicious web application requests linked with Microsoft Defender for Endpoint alerts", version 1.0.4, at :now.
--
-- x has_any(scriptExtensions) is: lower(x) || ' ' GLOB '*' || extension || '[^0-9a-z]*'. SQLite's lower() folds ASCII
-- only, and a needle begins with a dot, so that only its end has to be a term's end. The blank stands for the text's end.
-- Sets come as the hexadecimal form of their members, so that no text can look like two.
WITH
alertData AS (
    -- parse_json(Entities) | mvexpand: the first 128 members of an array, or the members of an object one by one.
    -- Text that is not JSON expands to nothing that has a Type, nor does anything but an object.
    SELECT SystemAlertId, entity
    FROM (
        SELECT
            COALESCE(a.SystemAlertId, '') AS SystemAlertId,
            CASE
                WHEN json_type(a.Entities) = 'object' THEN json_object(e.key, e.value)
                WHEN e.type = 'object' THEN e.value
            END AS entity,
            row_number() OVER (PARTITION BY a.rowid ORDER BY e.id) AS place
        FROM SecurityAlert AS a, json_each(CASE WHEN json_valid(a.Entities) THEN a.Entities ELSE '[]' END) AS e
        WHERE a.TimeGenerated > :now - 3600 * 1000000000 -- alertTimeWindow
          AND a.ProviderName = 'MDATP'
    )
    WHERE place <= 128 AND entity IS NOT NULL
),
entities AS (
    -- tostring() of the members that the rule reads; without a number's affinity, true as a word, null as ''.
    SELECT
        SystemAlertId,
        CASE json_type(entity, '$.Type') WHEN 'text' THEN lower(entity ->> '$.Type') END AS Type,
        CASE json_type(entity, '$.Name') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
            ELSE COALESCE(CAST(entity ->> '$.Name' AS TEXT), '') END AS Name,
        CASE json_type(entity, '$.HostName') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
            ELSE COALESCE(CAST(entity ->> '$.HostName' AS TEXT), '') END AS HostName
    FROM alertData
),
fileData AS (
    SELECT DISTINCT SystemAlertId, Name AS FileName
    FROM entities
    WHERE Type = 'file'
      AND EXISTS (SELECT 1 FROM scriptExtensions WHERE lower(Name) || ' ' GLOB '*' || extension || '[^0-9a-z]*')
),
hostData AS (
    SELECT DISTINCT SystemAlertId, HostName FROM entities WHERE Type = 'host'
),
webshellData AS MATERIALIZED (
    -- join without a kind is innerunique: a request's row is joined once for each (FileName, HostName).
    SELECT DISTINCT FileName, HostName FROM fileData JOIN hostData USING (SystemAlertId)
),
requests AS (
    SELECT
        -- split(csUriStem, "/")[-1]: rtrim takes off everything behind the last slash.
        substr(csUriStem, length(rtrim(csUriStem, replace(csUriStem, '/', ''))) + 1) AS FileName,
        COALESCE(sComputerName, '') AS HostName,
        COALESCE(sSiteName, '')     AS SiteName,
        COALESCE(csUriStem, '')     AS ShellLocation,
        COALESCE(cIP, '')           AS AttackerIP,
        *
    FROM W3CIISLog
    WHERE TimeGenerated > :now - 7 * 86400 * 1000000000 -- logTimeWindow
      AND EXISTS (SELECT 1 FROM scriptExtensions WHERE lower(csUriStem) || ' ' GLOB '*' || extension || '[^0-9a-z]*')
      /*only*/
)
SELECT
    HostName, SiteName, ShellLocation, AttackerIP,
    count(*), min(TimeGenerated), max(TimeGenerated),
    group_concat(DISTINCT CASE WHEN csUserAgent IS NOT NULL THEN hex(csUserAgent) END),
    group_concat(DISTINCT CASE WHEN csMethod    IS NOT NULL THEN hex(csMethod)    END),
    group_concat(DISTINCT CASE WHEN scStatus    IS NOT NULL THEN hex(scStatus)    END),
    group_concat(DISTINCT CASE WHEN csCookie    IS NOT NULL THEN hex(csCookie)    END),
    group_concat(DISTINCT CASE WHEN csReferer   IS NOT NULL THEN hex(csReferer)   END),
    group_concat(DISTINCT CASE WHEN csUriQuery  IS NOT NULL THEN hex(csUriQuery)  END)
FROM webshellData CROSS JOIN requests USING (FileName, HostName) -- CROSS: the left one first, it is mostly empty
GROUP BY AttackerIP, SiteName, ShellLocation, FileName, HostName
